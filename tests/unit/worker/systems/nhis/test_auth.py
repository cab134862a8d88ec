"""Getting a token, against the HttpClient port: by challenge and by mTLS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from contracts.reasons import Reason
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.signers import failing
from tests.support.signing.xmlsec_verify import verified
from tests.support.systems.nhis.answers import challenge, leaf, leaves, message, token
from worker.outcome import Blocked, Retry
from worker.signing.checked import checked
from worker.systems.nhis.auth import Authorisation, xml_headers
from worker.systems.tokens import Granted
from worker.transport.port import Answer, DeliveryError

URL = "https://auth.nhis.test/token"
HEADERS = xml_headers("application/xml")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HTML = b"<html><body>401 Authorization Required</body></html>"


async def ask(key, *script, by_challenge=True):
    client = ScriptedClient(script)
    authorisation = Authorisation(
        URL,
        keys={"one": key},
        client=lambda _: client,
        by_challenge=by_challenge,
        headers=HEADERS,
        now=lambda: NOW,
    )
    return await authorisation.fetch("one"), client.requests


async def test_the_challenge_is_signed_as_it_came_and_posted(key):
    got, (get, post) = await ask(key, challenge("abc"), token("secret-token", 7200))
    assert got == Granted("secret-token", 7200.0)
    assert (get.method, get.url, post.method, post.url) == ("GET", URL, "POST", URL)
    assert post.headers["content-type"].startswith("application/xml")
    root = verified(post.content, key.known.certificate)
    assert root.xpath("string(//*[local-name()='challenge']/@value)") == "abc"
    assert etree.QName(root[-1]).localname == "Signature"


async def test_a_client_certificate_gets_the_token_at_once(key):
    got, requests = await ask(key, token("secret-token"), by_challenge=False)
    assert got == Granted("secret-token", 7200.0)
    assert [request.method for request in requests] == ["GET"]


async def test_a_token_message_with_a_header_is_read_too(key):
    body = message("S001", leaves(accessToken="t", tokenType="bearer", expiresIn="60", refreshToken="r"))
    got, _ = await ask(key, Answer(200, {}, body), by_challenge=False)
    assert got == Granted("t", 60.0)


@pytest.mark.parametrize("status", [200, 401, 500])
async def test_a_challenge_is_taken_by_its_content_not_its_status(key, status):
    got, _ = await ask(key, Answer(status, {}, challenge().body), token("t"))
    assert got == Granted("t", 7200.0)


def contents(inner: str) -> Answer:
    return Answer(401, {}, message("S001", inner))


NO_CHALLENGE = {
    "HTML": Answer(401, {}, HTML),
    "nothing": Answer(401, {}, b""),
    "cut off": Answer(401, {}, challenge().body, truncated=True),
    "an immunization to sign": contents(f"{leaf('challenge', 'x')}<nhis:immunization/>"),
    "an immunization within": contents("<nhis:challenge value='x'><nhis:immunization/></nhis:challenge>"),
    "two contents": contents(f"{leaf('challenge', 'x')}</nhis:contents><nhis:contents>"),
    "a DTD": Answer(401, {}, b"<!DOCTYPE m><message><contents><challenge value='x'/></contents></message>"),
    "another root": Answer(401, {}, b"<m><contents><challenge value='x'/></contents></m>"),
    "no contents": Answer(401, {}, b"<message><challenge value='x'/></message>"),
    "503": Answer(503, {}, HTML),
    "cannot be canonical": Answer(
        401, {}, b"<message xmlns='no/scheme'><contents><challenge value='x'/></contents></message>"
    ),
}


@pytest.mark.parametrize("answer", NO_CHALLENGE.values(), ids=NO_CHALLENGE.keys())
async def test_nothing_else_is_signed(key, answer):
    got, requests = await ask(key, answer)
    assert isinstance(got, Retry)
    assert got.reason == Reason.TOKEN_UNAVAILABLE
    assert len(requests) == 1


async def test_a_service_that_forgot_its_challenge_is_asked_for_another_once(key):
    forgotten = Answer(401, {}, HTML)
    got, requests = await ask(key, challenge("old"), forgotten, challenge("new"), token("t"))
    assert isinstance(got, Granted)
    assert [one.method for one in requests] == ["GET", "POST", "GET", "POST"]


@pytest.mark.parametrize("status", [400, 401, 403, 422])
@pytest.mark.parametrize("by_challenge", [True, False])
async def test_a_certificate_that_gets_no_token_blocks_and_is_named_by_its_serial_number(
    key, status, by_challenge
):
    script = [challenge()] * by_challenge + [Answer(status, {}, HTML)]
    got, _ = await ask(key, *script, *script, by_challenge=by_challenge)
    assert isinstance(got, Blocked)
    assert got.reason == Reason.ACCESS_DENIED
    assert f"{key.known.certificate.serial_number:x}" in got.detail
    assert "PNOBG" not in got.detail


@pytest.mark.parametrize("first", [True, False])
async def test_an_address_without_a_service_is_the_operators_matter(key, first):
    got, _ = await ask(key, *([] if first else [challenge()]), Answer(404, {}, HTML))
    assert isinstance(got, Blocked)
    assert got.reason == Reason.NOT_FOUND


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, HTML),
        Answer(200, {}, message("S001", leaf("accessToken", "t"))),
        Answer(200, {}, message("S001", leaves(accessToken="t", expiresIn="0"))),
        Answer(200, {}, message("S001", leaves(accessToken="t", expiresIn="-1"))),
        Answer(200, {}, message("S001", leaves(accessToken="t", expiresIn="9" * 30))),
        Answer(200, {}, message("S001", leaves(accessToken="t\u00a0t", expiresIn="60"))),
        Answer(200, {}, message("S001", leaf("expiresIn", "60"))),
        Answer(200, {}, token("t").body, truncated=True),
        Answer(500, {}, token("t").body),
        Answer(408, {}, HTML),
    ],
)
async def test_an_answer_without_a_usable_token_is_tried_again(key, answer):
    got, _ = await ask(key, challenge(), answer)
    assert isinstance(got, Retry)
    assert got.reason == Reason.TOKEN_UNAVAILABLE


async def test_retry_after_is_heeded(key):
    got, _ = await ask(key, challenge(), Answer(429, {"retry-after": "30"}, b""))
    assert got == Retry(Reason.TOKEN_UNAVAILABLE, got.detail, 30.0)


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("script", [[], [challenge()]])
async def test_a_broken_connection_is_tried_again(key, script, sent):
    got, _ = await ask(key, *script, DeliveryError("answer-timeout", "slow", sent=sent))
    assert isinstance(got, Retry)
    assert "answer-timeout" in got.detail


@pytest.mark.parametrize(("transient", "kind"), [(True, Retry), (False, Blocked)])
async def test_a_key_that_cannot_sign(key, transient, kind):
    got, _ = await ask(failing(key, "the card is away", transient=transient), challenge())
    assert (type(got), got.reason) == (kind, Reason.SIGNING_FAILED)


@pytest.mark.parametrize("by_challenge", [True, False])
async def test_a_certificate_that_is_not_valid_asks_for_nothing(key, by_challenge):
    client = ScriptedClient([])
    later = key.known.certificate.not_valid_after_utc + timedelta(days=1)
    authorisation = Authorisation(
        URL,
        keys={"one": checked(key, clock=lambda: later)},
        client=lambda _: client,
        by_challenge=by_challenge,
        headers=HEADERS,
        now=lambda: later,
    )
    got = await authorisation.fetch("one")
    assert (type(got), got.reason, client.requests) == (Blocked, Reason.CERTIFICATE_NOT_VALID, [])
    assert "expired" in got.detail


async def test_a_challenge_in_place_of_the_handshake_says_which_setting(key):
    got, requests = await ask(key, challenge(), challenge(), by_challenge=False)
    assert (type(got), got.reason) == (Blocked, Reason.ACCESS_DENIED)
    assert "did not get the certificate in the TLS handshake; see the setting auth" in got.detail
    # It is never signed: the operator has not asked for that.
    assert {one.method for one in requests} == {"GET"}
