"""Credentials are in what is sent, and in nothing that is kept or answered."""

from __future__ import annotations

import base64
import dataclasses
import hashlib

import pytest
from lxml import etree

from tests.support.contract_events import submission
from tests.support.systems.kz_shep.answers import (
    answer,
    data,
    envelope,
    exemption,
    response,
    status,
)
from tests.support.systems.kz_shep.system import SEARCH, SENDER, attempt, exchanged
from worker.outcome import Blocked, Rejected
from worker.systems.answer_settings import OperatorError
from worker.systems.kz_shep.senders import Sender

# As it is, and as XML may write it.
SPELLINGS = ("mis-login-1", "p<w&\"d'1", "p&lt;w&amp;\"d'1", "p&lt;w&amp;&quot;d&#x27;1")


async def test_evidence_keeps_all_but_the_credentials(make):
    prepared = await make().prepare(submission(SEARCH), attempt())
    assert not any(spelling.encode() in prepared.evidence for spelling in SPELLINGS)
    root = etree.fromstring(prepared.evidence)
    assert (root.findtext(".//senderId"), root.findtext(".//password")) == ("[removed]", "[removed]")
    # Whoever knows them can restore what was sent, signature and all.
    restored = prepared.evidence.replace(b"[removed]", b"mis-login-1", 1).replace(
        b"[removed]", b"p&lt;w&amp;\"d'1", 1
    )
    assert restored == prepared.request


async def test_no_repr_holds_the_credentials(make, settings):
    system = make()
    prepared = await system.prepare(submission(SEARCH), attempt())
    shown = f"{prepared!r}{dataclasses.replace(prepared)}{SENDER!r}{settings!r}{settings.senders!r}{system!r}"
    assert not any(spelling in shown for spelling in SPELLINGS)


async def test_an_answer_that_repeats_the_credentials_is_kept_without_them(make, client, signed):
    said = "login mis-login-1 p&lt;w&amp;\"d'1 mis-login-12 amis-login-1"
    inside = response("", stated=f"<status><code>ERROR</code><message>{said}</message></status>")
    _, back, outcome = await exchanged(
        make(), client, answer(signed(envelope(inside)), **{"x-echo": "by mis-login-1"})
    )
    # Its signature was checked on what came.
    assert isinstance(outcome, Rejected)
    assert [one.reason for one in outcome.errors] == ["login [removed] [removed] mis-login-12 amis-login-1"]
    kept = back.kept()
    assert kept.evidence is None
    assert kept.headers["x-echo"] == "by [removed]"
    assert not any(f"{spelling} ".encode() in kept.body for spelling in SPELLINGS)
    assert b"mis-login-12" in kept.body
    assert b"login [removed] [removed] mis-login-12" in kept.body


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "cp1251"])
async def test_credentials_are_found_in_every_encoding(make, client, signed, codec):
    said = "login mis-login-1 p&lt;w&amp;\"d'1 mis-login-12"
    body = signed(
        envelope(response("", stated=f"<status><code>ERROR</code><message>{said}</message></status>"))
    )
    kind = {"content-type": "text/xml; charset=windows-1251" if codec == "cp1251" else "text/xml"}
    _, back, outcome = await exchanged(make(), client, answer(body.decode().encode(codec), **kind))
    assert isinstance(outcome, Rejected)
    assert [one.reason for one in outcome.errors] == ["login [removed] [removed] mis-login-12"]
    assert "login [removed] [removed] mis-login-12" in back.kept().body.decode(codec)


IN_WORDS = "p<w&\"d'1"


@pytest.mark.parametrize(
    "spelling",
    [
        *SPELLINGS[1:],
        "p&lt;w&amp;&quot;d&apos;1",
        "".join(f"&#{ord(one)};" for one in IN_WORDS),
        "".join(f"&#x{ord(one):04X};" for one in IN_WORDS),
        base64.b64encode(IN_WORDS.encode()).decode().rstrip("="),
    ],
)
async def test_the_password_is_taken_out_wherever_it_stands(make, client, spelling):
    _, back, _ = await exchanged(make(), client, answer(f"xx{spelling}xx", 500))
    assert back.kept().body == b"xx[removed]xx"


async def test_a_password_is_taken_out_of_a_refusal_that_an_operator_must_remove(
    make, client, signed, settings
):
    table = settings.model_copy(update={"operator_errors": (OperatorError(type="ERROR"),)})
    inside = response("", stated=status("ERROR", f"bad x{SENDER.password}y end"))
    _, _, outcome = await exchanged(make(settings=table), client, answer(signed(envelope(inside))))
    assert isinstance(outcome, Blocked)
    assert [one.reason for one in outcome.errors] == ["bad x[removed]y end"]


async def test_a_password_inside_a_word_of_a_refusal_is_taken_out(make, client, signed):
    inside = response("", stated=status("ERROR", f"bad x{SENDER.password}y end"))
    _, _, outcome = await exchanged(make(), client, answer(signed(envelope(inside))))
    assert [one.reason for one in outcome.errors] == ["bad x[removed]y end"]


async def test_a_short_sender_id_spoils_no_fact_of_an_accepted_result(make, client, signed):
    more = "<revocationReason>by 2025</revocationReason>"
    end = "<temporaryContraindicationEndDate>2025-09-30T00:00:00+05:00</temporaryContraindicationEndDate>"
    body = signed(envelope(response(data(status() + exemption("2025", more=end + more)))))
    system = make(sender=Sender("2025", None))
    _, _, outcome = await exchanged(system, client, answer(body))
    (found,) = outcome.data["exemptions"]
    assert (found["number"], found["temporaryContraindicationEndDate"][:4]) == ("2025", "2025")
    assert found["revocationReason"] == "by [removed]"


async def test_what_a_search_found_is_kept_without_them_too(make, client, signed):
    more = "<revocationReason>entered by mis-login-1</revocationReason>"
    inside = response(data(status() + exemption(more=more)))
    _, _, outcome = await exchanged(make(), client, answer(signed(envelope(inside))))
    (found,) = outcome.data["exemptions"]
    assert found["revocationReason"] == "entered by [removed]"
    (content,) = outcome.data["contents"]
    assert hashlib.sha256(b"%PDF-1.4\n% invented\n%%EOF\n").hexdigest() == content
