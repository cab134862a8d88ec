"""The data of replies."""

from __future__ import annotations

import pytest

from contracts.replies import AcceptedReply, FailedReply, HeldReply, RejectedReply, SystemAnswer


def answer(body, max_bytes=10):
    return SystemAnswer.of(
        status=200, content_type="application/xml", body=body, evidence_id="e1", max_bytes=max_bytes
    )


@pytest.mark.parametrize(
    ("body", "text", "evidence"),
    [
        (b"<a/>", "<a/>", None),
        (b"", "", None),
        ("да".encode() + b"\r\n\0", "да\r\n\0", None),
        (b"0123456789", "0123456789", None),
        (b"01234567890", None, "e1"),
        (b"\xff\xfe", None, "e1"),
    ],
)
def test_an_answer_is_kept_verbatim_or_by_its_evidence(body, text, evidence):
    kept = answer(body)
    assert (kept.body, kept.evidence_id) == (text, evidence)


def test_kinds():
    kinds = [model.kind.value for model in (AcceptedReply, RejectedReply, FailedReply, HeldReply)]
    assert kinds == ["accepted", "rejected", "failed", "held"]


def test_a_rejection_has_one_code():
    assert RejectedReply(system="nhis", operation="o", message="m").code == "rejected"


def test_a_reply_shows_nothing_of_its_content():
    reply = AcceptedReply(system="nhis", operation="o", data={"nrn": "secret"}, answer=answer(b"secret"))
    assert "secret" not in f"{reply!r} {reply} {reply.answer!r}"
