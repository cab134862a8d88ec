from __future__ import annotations

import logging
import time
import traceback
import zlib

import pytest

from worker.xml.answer import as_utf_8, parse_answer
from worker.xml.safe import NotXml, RefusedXml, UnsafeXml

MAX = 100_000
SECRET = "Иванов-9921010005"
WORDS = "Ваксина, прието"


def declared(name: str, *, version: str = "1.0", more: str = "") -> str:
    return f'<?xml version="{version}" encoding="{name}"{more}?>\n<a v="{WORDS}"/>'


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        (declared("utf8"), "utf-8", None),
        (declared("US-ASCII"), "utf-8", None),
        (declared("utf-16"), "utf-8", "utf-8"),
        (declared("utf-16"), "utf-8", None),
        (declared("UTF-16", version="1.1", more=' standalone="yes"'), "utf-16", None),
        (declared("windows-1251"), "cp1251", None),
        (declared("windows-1251"), "utf-8", "utf-8"),
        (declared("UTF-8"), "cp1251", "windows-1251"),
        (declared("cp1251", more=" standalone='no' "), "cp1251", None),
        (declared("koi8-r"), "koi8-r", None),
        (declared("no-such-thing"), "utf-8", None),
        (declared("utf-8"), "utf-8-sig", "windows-1251"),
        (f"<?xml version='1.0'  encoding='Windows-1251' ?><a v='{WORDS}'/>", "cp1251", None),
        (f"<a v='{WORDS}'/>", "cp1251", "windows-1251"),
        (f"<a v='{WORDS}'/>", "utf-16-le", None),
        (f"<a v='{WORDS}'/>", "utf-32", None),
    ],
)
def test_the_header_goes_first_then_the_declaration(text, codec, charset, caplog):
    root = parse_answer(text.encode(codec), charset, max_bytes=MAX)
    assert (root.tag, root.get("v")) == ("a", WORDS)
    assert caplog.records == []


@pytest.mark.parametrize("before", [" ", "\r\n", "\n\n\t ", "\ufeff\ufeff", "\ufeff\n", "\n\ufeff"])
@pytest.mark.parametrize(
    ("codec", "name"), [("utf-8", "utf-8"), ("cp1251", "windows-1251"), ("utf-16-le", "utf-16")]
)
def test_white_space_before_the_declaration_is_reported(before, codec, name, caplog):
    if codec == "cp1251":
        before = before.replace("\ufeff", " ")
    if codec == "utf-16-le":
        before = "\ufeff" + before
    caplog.set_level(logging.INFO)
    root = parse_answer((before + declared(name)).encode(codec), None, max_bytes=MAX)
    assert root.get("v") == WORDS
    assert ["white space before its XML declaration" in one.getMessage() for one in caplog.records] == [True]
    assert caplog.records[0].name == "worker.xml.answer"


@pytest.mark.parametrize(
    "data",
    [
        " <?xml version='1.0'?><a>",
        " <?xml version='1.0'?><a/><b/>",
        " <?xml version='2.0'?><a/>",
        " <?xml version='1.0'?><?xml version='1.0'?><a/>",
        " x<?xml version='1.0'?><a/>",
        "<a/><?xml version='1.0'?>",
        " <?xml encoding='utf-8'?><a/>",
        "\u00a0<?xml version='1.0'?><a/>",
    ],
)
def test_it_is_repaired_only_where_nothing_else_is_wrong(data, caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(NotXml):
        parse_answer(data.encode(), None, max_bytes=MAX)
    assert caplog.records == []


HOSTILE = {
    "a DTD": "<!DOCTYPE a><a/>",
    "an entity": '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a DTD after white space": ' <?xml version="1.0"?><!DOCTYPE a><a/>',
    "too deep": "<a>" * 33 + "</a>" * 33,
    "very much too deep": "<a>" * 9000 + "</a>" * 9000,
}


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", HOSTILE)
def test_safety_holds_in_every_encoding(name, codec):
    with pytest.raises(UnsafeXml):
        parse_answer(HOSTILE[name].encode(codec), None, max_bytes=MAX * 3)


def test_what_only_another_encoding_would_hide_is_seen():
    """A DOCTYPE that is none in UTF-8: what is checked is the text that is parsed."""
    hidden = "<!DOCTYPE a><a/>".encode("utf-16-le")
    with pytest.raises(UnsafeXml):
        parse_answer(hidden, "utf-8", max_bytes=MAX)


def test_size_is_bounded_by_what_came():
    data = f"<a>{'ж' * 1000}</a>".encode("cp1251")
    assert parse_answer(data, "windows-1251", max_bytes=len(data)) is not None
    with pytest.raises(UnsafeXml):
        parse_answer(data, "windows-1251", max_bytes=len(data) - 1)


@pytest.mark.parametrize(
    "data",
    [
        f"<a>{SECRET}</a>".encode("cp1251"),
        f"<a>{SECRET}".encode("utf-16"),
        f"<a>{SECRET}</a>".encode("utf-16")[:-1],
        b"\xff\xfe",
        zlib.compress(SECRET.encode()),
        b"",
    ],
)
def test_what_is_refused_is_not_quoted(data):
    with pytest.raises(NotXml) as refused:
        parse_answer(data, None, max_bytes=MAX)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "start", [b" ", b"\xef\xbb\xbf", b"<?xml ", b"<?xml version='1.0' encoding='", b"\n<"]
)
def test_long_beginnings_take_no_long_time(start):
    data = start * (2_000_000 // len(start))
    began = time.process_time()
    with pytest.raises(RefusedXml):
        parse_answer(data, None, max_bytes=len(data))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "data", [b"<a/>", b'<?xml version="1.0" encoding="UTF-8"?>\n<a/>', b"<?xml version='1.1'?><a/>"]
)
def test_what_is_utf_8_stays_byte_for_byte(data):
    assert as_utf_8(data, None) == data
