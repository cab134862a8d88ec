"""The reference number of a service: read, checked, generated where a system needs one, and carried to what answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

import pytest

from contracts import reference_number
from contracts.content_hash import content_hash
from contracts.dead_letters import DeadLetterFacts, Origin, dead_letter_headers
from contracts.export.cloudevent import cloudevent_schema
from contracts.reasons import Reason
from contracts.reference_number import generated, rnu_of
from contracts.registry import EVENT_TYPES
from contracts.replies import FailedReply
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef
from tests.support.cloudevents import READ, binary, found, refused, structured

RNU = "0f2f9c0e-8f0c-4d4b-9b9b-0b8f5a1d2c3e"
AT = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)
TYPE = READ.type


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda: binary(ce_rnu=RNU.encode()), RNU),
        (lambda: structured({"rnu": RNU}), RNU),
        (lambda: binary(ce_rnu=b"BGEM11115H0"), "BGEM11115H0"),
        (lambda: binary(ce_rnu=("Ж" * 64).encode()), "Ж" * 64),
        (lambda: structured({"rnu": None}), None),
        (lambda: binary(rnu=b"not an attribute without its prefix"), None),
        (binary, None),
    ],
)
def test_it_is_opaque_text_in_both_modes(read, expected):
    assert read().rnu == expected


@pytest.mark.parametrize(
    ("read", "rule", "reason"),
    [
        (lambda: binary(ce_rnu=b"x" * 65), "length", Reason.NOT_A_CLOUDEVENT),
        (lambda: structured({"rnu": "x" * 65}), "length", Reason.NOT_A_CLOUDEVENT),
        (lambda: binary(ce_rnu=b""), "required", Reason.NOT_A_CLOUDEVENT),
        (lambda: binary(ce_rnu=b" "), "form", Reason.NOT_A_CLOUDEVENT),
        (lambda: binary(ce_rnu=b"a\nb"), "form", Reason.NOT_A_CLOUDEVENT),
        (lambda: binary(ce_rnu=b"\xff"), "utf8", Reason.NOT_UTF8),
        (lambda: structured({"rnu": 7}), "type", Reason.NOT_A_CLOUDEVENT),
        (lambda: structured({"rnu": ["a"]}), "type", Reason.NOT_A_CLOUDEVENT),
    ],
)
def test_a_wrong_one_is_refused_by_its_name_and_the_sender_is_answered(read, rule, reason):
    bad = refused(read)
    assert (found(bad), bad.reason) == ([("$.rnu", rule)], reason)
    assert bad.submission == SubmissionRef(READ.source, READ.id, TYPE, READ.signer)


def test_the_published_schema_says_the_same():
    member = cloudevent_schema()["properties"]["rnu"]
    assert (member["maxLength"], member["type"]) == (64, ["string", "null"])
    assert "rnu" not in cloudevent_schema()["required"]


def test_a_generated_one_is_a_uuid_v4_and_the_same_in_every_process():
    number = generated("/his", "42")
    assert (number, UUID(number).version) == ("d65d94b4-4fff-4671-85af-786253a36b21", 4)
    assert len({generated(s, i) for s in ("/his", "/his4") for i in ("2", "42", "/his")}) == 6


@pytest.mark.parametrize(
    ("needs", "given", "expected"),
    [
        (False, None, None),
        (False, RNU, RNU),
        (True, RNU, RNU),
        (True, None, generated(READ.source, READ.id)),
    ],
)
def test_it_is_generated_only_where_the_system_needs_one_and_the_event_has_none(
    monkeypatch, needs, given, expected
):
    contracts = {**EVENT_TYPES, TYPE: replace(EVENT_TYPES[TYPE], needs_rnu=needs)}
    monkeypatch.setattr(reference_number, "EVENT_TYPES", MappingProxyType(contracts))
    assert rnu_of(replace(READ, rnu=given)) == expected


def test_nothing_is_generated_for_an_unknown_type():
    assert rnu_of(replace(READ, type="nhis.unknown.v1")) is None


def test_a_reply_inherits_it():
    reply = FailedReply(code="x", message="m")
    headers = reply_event(SubmissionRef("/his", "42", TYPE, rnu="Ж-1"), reply, revision=1, at=AT).headers
    assert dict(headers)["ce_rnu"] == "Ж-1".encode()
    without = reply_event(SubmissionRef("/his", "42", TYPE), reply, revision=1, at=AT).headers
    assert "ce_rnu" not in dict(without)


def test_a_dead_letter_names_it_and_a_sender_cannot():
    facts = DeadLetterFacts(Origin("t", 0, 0, 0), "not-json", None, None, None, 0, None, None, 0, rnu=RNU)
    original = (("ce_rnu", b"as it came"), ("herald-rnu", b"forged"))
    headers = dead_letter_headers(original, facts)
    assert [value for name, value in headers if name == "herald-rnu"] == [RNU.encode()]
    assert ("ce_rnu", b"as it came") in headers
    assert "herald-rnu" not in dict(dead_letter_headers((), replace(facts, rnu=None)))


def test_another_number_is_another_content():
    plain = content_hash("t", "s", {"a": 1})
    assert plain == content_hash("t", "s", {"a": 1}, (), None)
    assert (
        len({plain, content_hash("t", "s", {"a": 1}, (), "1"), content_hash("t", "s", {"a": 1}, (), "2")})
        == 3
    )
