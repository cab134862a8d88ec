"""Heads of answers about files: nothing that a name or a type holds reaches them raw."""

from __future__ import annotations

import pytest

from tests.support.fakes.file_store import STORED
from tests.support.files.stores import OWNER
from worker.file_store import StoredFile
from worker.inbound.files.heads import disposition, head_of, media_type
from worker.inbound.files.ranges import Part

ID = "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11"


def stored(name=None, kind="application/pdf"):
    return StoredFile(ID, OWNER, kind, name, "0" * 64, 10, STORED, STORED)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (None, f'attachment; filename="{ID}.pdf"'),
        ("a b.pdf", f"attachment; filename=\"{ID}.pdf\"; filename*=UTF-8''a%20b.pdf"),
        (
            '../../e"t;c/x\r\nSet-Cookie: a',
            f"attachment; filename=\"{ID}.pdf\"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a",
        ),
        (
            "справка.pdf",
            f"attachment; filename=\"{ID}.pdf\"; filename*=UTF-8''%D1%81%D0%BF%D1%80%D0%B0%D0%B2%D0%BA%D0%B0.pdf",
        ),
    ],
    ids=["none", "space", "path and header", "Cyrillic"],
)
def test_a_name_is_quoted_and_has_no_path(name, said):
    assert disposition(stored(name)) == said


@pytest.mark.parametrize(
    ("stated", "sent"),
    [
        ("text/xml; charset=utf-8", "text/xml; charset=utf-8"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_a_media_type_that_is_none_is_unknown_bytes(stated, sent):
    assert media_type(stated) == sent


def test_a_part_says_where_it_lies():
    head = head_of(stored(), Part(2, 5))
    assert (head["Content-Range"], head["Content-Length"]) == ("bytes 2-4/10", "3")
    assert head["ETag"] == f'"{"0" * 64}"'
    assert (head["Cache-Control"], head["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "Content-Range" not in head_of(stored(), Part(0, 10, whole=True))
