"""The name of an upload: by its header, otherwise by its parameter; a header that cannot be read is refused."""

from __future__ import annotations

import pytest

from worker.inbound.files.answers import Refusal
from worker.inbound.files.names import LONGEST_NAME, name_of

ENCODED = "filename*=UTF-8''%D0%BF%D0%B8%D1%81%D0%BC%D0%BE.pdf"


@pytest.mark.parametrize(
    ("disposition", "parameter", "name"),
    [
        (None, None, None),
        (None, "", None),
        (None, "by-parameter.pdf", "by-parameter.pdf"),
        ("attachment", None, None),
        ("attachment", "by-parameter.pdf", "by-parameter.pdf"),
        ('attachment; filename="letter.pdf"', None, "letter.pdf"),
        ("ATTACHMENT;FileName=letter.pdf", None, "letter.pdf"),
        ('attachment; filename="letter.pdf"', "by-parameter.pdf", "letter.pdf"),
        (f"attachment; {ENCODED}", None, "писмо.pdf"),
        (f'attachment; filename="letter.pdf"; {ENCODED}', None, "писмо.pdf"),
        (f'attachment; {ENCODED}; filename="letter.pdf"', None, "писмо.pdf"),
        ('attachment; filename="писмо.pdf"', None, "писмо.pdf"),
        ('attachment; filename="a; b.pdf"', None, "a; b.pdf"),
    ],
)
def test_the_header_counts_before_the_parameter(disposition, parameter, name):
    assert name_of(disposition, parameter) == name


@pytest.mark.parametrize(
    "disposition",
    [
        "",
        "inline",
        'form-data; name="file"; filename="letter.pdf"',
        "attachment filename=letter.pdf",
        "attachment; letter.pdf",
        "attachment; filename=a letter.pdf",
        'attachment; filename="letter.pdf',
        "attachment; filename=a; filename=b",
        "attachment; filename*=letter.pdf",
        "attachment; filename*=UTF-8''%FF.pdf",
        "attachment; filename*=invented-charset''%FF.pdf",
    ],
)
def test_a_header_that_cannot_be_read_is_refused_with_a_sentence(disposition, recwarn):
    with pytest.raises(Refusal) as refusal:
        name_of(disposition, "by-parameter.pdf")
    assert refusal.value.status == 400
    assert refusal.value.sentence.startswith("Correct the header Content-Disposition: ")
    assert list(recwarn) == []  # aiohttp's would quote the name


@pytest.mark.parametrize(
    "disposition",
    [
        f'attachment; filename="{"x" * (LONGEST_NAME + 1)}"',
        "attachment; filename*=UTF-8''a%0Ab",
        'attachment; filename="\udcff"',
    ],
    ids=["too long", "a line break", "bytes that are not UTF-8"],
)
def test_a_name_that_cannot_be_shown_is_refused(disposition):
    with pytest.raises(Refusal) as refusal:
        name_of(disposition, None)
    assert refusal.value.status == 400
    assert "at most 200 printable characters" in refusal.value.sentence
