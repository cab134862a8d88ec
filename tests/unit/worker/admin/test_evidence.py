"""The evidence of a submission as files."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.support.postgres.journal import event
from worker.admin.evidence import EvidenceFile, evidence_of

REMOVED = datetime(2026, 3, 1, tzinfo=UTC)


def detail(*attempts, reply=None, removed_at=None):
    row = SimpleNamespace(id="his/1", evidence_removed_at=removed_at)
    return SimpleNamespace(submission=row, attempts=attempts, reply=reply, notifications=())


def attempt(request, answer):
    return SimpleNamespace(message_id="m-1", request=request, answer=answer)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<request/>", "m-1.request.xml"),
        (b"\xef\xbb\xbf \r\n<request/>", "m-1.request.xml"),
        (b'{"a":1}', "m-1.request.json"),
        (b"[1]", "m-1.request.json"),
        (b"plain", "m-1.request"),
        (b"", "m-1.request"),
    ],
)
def test_a_file_is_named_by_what_is_in_it_and_is_byte_for_byte(content, name):
    assert evidence_of(detail(attempt(content, None))).files == (EvidenceFile(name, content),)


def test_a_reply_is_kept_under_a_name_that_is_no_path():
    made = evidence_of(detail(reply=event(value=b"{}")))
    assert made.files == (EvidenceFile("his_1.reply.json", b"{}"),)


def test_what_retention_removed_is_no_file_and_said():
    made = evidence_of(detail(attempt(None, None), removed_at=REMOVED))
    assert (made.submission_id, made.removed_at, made.files) == ("his/1", REMOVED, ())


def test_health_data_is_not_in_what_is_printed_of_it():
    assert "Radka" not in repr(evidence_of(detail(attempt(b"Radka", b"Radka"))))


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("../../../root/.ssh/authorized_keys", "_.._.._root_.ssh_authorized_keys"),
        ("..", "_"),
        (".profile", "profile"),
        ("C:\\x", "C__x"),
        ("a\x00b\x1b[31m\n\u202e", "a_b__31m__"),
        ("x" * 5000, "x" * 100),
        ("Ваксина", "_______"),
    ],
)
def test_an_id_never_leaves_its_folder(id_, name, tmp_path):
    row = SimpleNamespace(id=id_, evidence_removed_at=None)
    sent = SimpleNamespace(message_id=id_, request=b"<a/>", answer=None)
    reply = SimpleNamespace(value=b"{}")
    found = evidence_of(SimpleNamespace(submission=row, attempts=(sent,), reply=reply, notifications=()))
    assert [one.name for one in found.files] == [f"{name}.request.xml", f"{name}.reply.json"]
    for one in found.files:
        (tmp_path / one.name).write_bytes(one.content)
        assert (tmp_path / one.name).resolve().parent == tmp_path.resolve()
