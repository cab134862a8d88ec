"""Verification codes are kept nowhere: not in the evidence of messages, nor in that of answers."""

from __future__ import annotations

import pytest

from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.regix.answers import CODE, TAKEN, answer, executed, response_to, result
from tests.support.systems.regix.system import attempt, event, system
from worker.systems.regix.redaction import without_codes
from worker.transport.port import SendGuard

NAME = "VerificationCode"


@pytest.mark.parametrize(
    "body",
    [
        response_to("Execute", TAKEN),
        response_to("Execute", TAKEN).encode("utf-16"),
        response_to("Execute", TAKEN).encode("utf-16-be"),
        f"<{NAME}>{CODE}</{NAME}>",
        f"<x:{NAME}  a='1'>{CODE}</x:{NAME} >",
        f"<{NAME}><![CDATA[{CODE}]]></{NAME}>",
        f"<{NAME}><b>{CODE}</b></{NAME}>",
        f"<{NAME}>{CODE}",
        f"<{NAME}>a</{NAME}><{NAME}>{CODE}</{NAME}>",
        b"\xff" + f"<{NAME}>{CODE}</{NAME}>".encode() + b"\x81",
    ],
)
def test_no_code_is_kept(body):
    given = answer(body)
    kept = without_codes(given)

    assert kept.body == given.body
    for codec in ("latin-1", "utf-16", "utf-16-be", "utf-16-le"):
        assert CODE not in kept.kept().body.decode(codec, "replace")


@pytest.mark.parametrize(
    "body",
    [
        response_to("Execute", result()).encode(),
        b"",
        b"\xff\x00",
        f"<{NAME}/><a>kept</a>".encode(),
        f"<{NAME} xsi:nil='true' /><a>kept</a>".encode(),
        f"<a>{NAME} kept</a>".encode(),
    ],
)
def test_the_rest_is_kept_as_it_came(body):
    assert without_codes(answer(body)).kept().body == body


async def test_the_callbacks_address_is_not_kept(tmp_path):
    (tmp_path / "segment").write_text("secret-segment-of-thirty-two-char")
    url = "https://herald.hospital.example/a&b/regix/"
    made = system(callback_url=url, callback_secret_file=tmp_path / "segment")
    prepared = await made.prepare(event(asynchronous=True), attempt())

    assert b"/a&amp;b/regix/secret-segment-of-thirty-two-char<" in prepared.request
    assert prepared.evidence is not None
    assert b"secret" not in prepared.evidence
    assert (await made.prepare(event(), attempt())).evidence is None


async def test_a_large_answer_keeps_no_code_either():
    large = result(f'<Data id="data">{"x" * 100_000}</Data>', code=CODE)
    made = system(ScriptedClient([executed(large)]))
    prepared = await made.prepare(event(asynchronous=True), attempt())

    given = await made.exchange(prepared, SendGuard(lambda: True))
    assert CODE.encode() not in given.kept().body


async def test_an_exchange_keeps_no_code():
    client = ScriptedClient([executed(TAKEN)])
    made = system(client)
    prepared = await made.prepare(event(asynchronous=True), attempt())

    given = await made.exchange(prepared, SendGuard(lambda: True))
    assert CODE.encode() in given.body
    assert CODE.encode() not in given.kept().body
    assert b"[removed]" in given.kept().body
