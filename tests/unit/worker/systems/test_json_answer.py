"""JSON as systems answer it: marks and halves of surrogate pairs make it no less readable."""

from __future__ import annotations

import json

import pytest

from contracts.strict_json import NotJson
from worker.systems.json_answer import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\ufeff\ufeff{}", {}),
        (" \ufeff\r\n\ufeff [1]", [1]),
        (r'"\ud83d"', "\ufffd"),
        (r'"\uDE00"', "\ufffd"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (r'"\\ud83d"', "\\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
        (r'"\ud83dx\u0041\n"', "\ufffdxA\n"),
        (r'{"\udfff": ["\ud800"]}', {"\ufffd": ["\ufffd"]}),
    ],
)
def test_what_other_readers_take_is_read_and_can_be_written_as_utf_8(text, value):
    assert parse(text) == value
    json.dumps(parse(text), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "{",
        "{}\ufeff",
        '"\ud83d',
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        "[1e999]",
        '{"a":1,"a":2}',
        r'{"\ud800":1,"\ud801":2}',
        '{"a":"\t"}',
        '{"a":"\n"}',
        '{"a":"\x00"}',
        '{"a":1,}',
        "[" * 33 + "]" * 33,
    ],
)
def test_what_is_no_plain_json_stays_none(text):
    with pytest.raises(NotJson):
        parse(text)
