"""Lists and responders as they are asked: bounded, kept until they end, asked again in the background."""

import asyncio

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW
from tests.support.signing.revocation import DOCTOR, GONE, HOUR, OTHER, ROOT, answer, crl
from worker.signing.gate.cached import RETRY, Cached
from worker.signing.gate.crl import Unusable
from worker.signing.gate.settings import RevocationSettings
from worker.signing.gate.sources import Lists, Responders
from worker.transport.port import Answer, DeliveryError


class Server:
    """Answers with what it holds, and counts."""

    def __init__(self, reply):
        self.reply = reply
        self.asked = []
        self.now = NOW

    async def request(self, method, url, *, headers, content=b"", reuse=True, guard=None):
        self.asked.append((method, url, content))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    def clock(self):
        return self.now


def ok(content):
    return Answer(200, {}, content)


def listed(*revoked, **options):
    return ok(crl(*revoked, **options).public_bytes(Encoding.DER))


def lists(server, *places):
    settings = RevocationSettings(by="crl", crls=places or ("http://crl.test/root.crl",))
    return Lists(settings.crls, server, clock=server.clock)


async def test_a_list_is_fetched_once_for_all_and_tells_those_that_are_revoked():
    server = Server(listed(GONE))
    source = lists(server)
    found = await asyncio.gather(
        *(source.revoked_at(one.certificate, ROOT.certificate) for one in (DOCTOR, GONE, DOCTOR))
    )
    assert [one is not None for one in found] == [False, True, False]
    assert server.asked == [("GET", "http://crl.test/root.crl", b"")]
    await source.close()


async def test_the_list_of_the_certificates_authority_is_looked_up(tmp_path):
    (tmp_path / "other.crl").write_bytes(crl(issuer=OTHER).public_bytes(Encoding.PEM))
    (tmp_path / "root.crl").write_bytes(crl(GONE).public_bytes(Encoding.PEM))
    source = lists(Server(None), str(tmp_path / "other.crl"), str(tmp_path / "root.crl"))
    assert await source.revoked_at(GONE.certificate, ROOT.certificate) is not None
    alone = lists(Server(None), str(tmp_path / "other.crl"))
    with pytest.raises(Unusable, match="no list is of the certificate's authority"):
        await alone.revoked_at(DOCTOR.certificate, ROOT.certificate)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (DeliveryError("connect-timeout", "slow", sent=False), r"no answer \(connect-timeout\)"),
        (Answer(404, {}, b""), "status 404"),
        (Answer(200, {}, b"", truncated=True), "its answer is too long"),
        (ok(b"text"), "not a revocation list"),
    ],
)
async def test_what_cannot_be_had_is_said_and_not_asked_for_again_at_once(reply, problem):
    server = Server(reply)
    source = lists(server)
    for _ in range(3):
        with pytest.raises(Unusable, match=problem):
            await source.revoked_at(DOCTOR.certificate, ROOT.certificate)
    assert len(server.asked) == 1
    server.reply, server.now = listed(), NOW + RETRY
    assert await source.revoked_at(DOCTOR.certificate, ROOT.certificate) is None


async def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(Unusable, match=r"cannot be read \(No such file"):
        await lists(Server(None), str(tmp_path / "none.crl")).revoked_at(DOCTOR.certificate, ROOT.certificate)


async def test_a_list_that_has_ended_is_named_with_its_end(tmp_path):
    (tmp_path / "root.crl").write_bytes(crl(end=NOW - HOUR).public_bytes(Encoding.DER))
    with pytest.raises(Unusable, match=rf"root.crl: it ended on {NOW - HOUR:%Y-%m-%d %H:%M} UTC"):
        await lists(Server(None), str(tmp_path / "root.crl")).revoked_at(DOCTOR.certificate, ROOT.certificate)


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
async def test_an_authority_that_renewed_its_key_has_a_list_by_each(tmp_path, order):
    (tmp_path / "old.crl").write_bytes(crl(key=OTHER.key).public_bytes(Encoding.DER))
    (tmp_path / "new.crl").write_bytes(crl(GONE).public_bytes(Encoding.DER))
    source = lists(Server(None), *(str(tmp_path / f"{name}.crl") for name in order))
    assert await source.revoked_at(DOCTOR.certificate, ROOT.certificate) is None
    assert await source.revoked_at(GONE.certificate, ROOT.certificate) is not None


async def test_a_responder_is_asked_once_about_each_certificate():
    server = Server(ok(answer()))
    source = Responders("http://ocsp.test/", server, clock=server.clock)
    for _ in range(3):
        assert await source.revoked_at(DOCTOR.certificate, ROOT.certificate) is None
    with pytest.raises(Unusable, match="OCSP: it is about another certificate"):
        await source.revoked_at(GONE.certificate, ROOT.certificate)
    assert [one[:2] for one in server.asked] == [("POST", "http://ocsp.test/")] * 2
    await source.close()


async def test_a_certificate_that_names_no_responder_is_said():
    source = Responders(None, Server(None), clock=lambda: NOW)
    with pytest.raises(Unusable, match=r"names no responder: set signing\.revocation\.ocsp_url"):
        await source.revoked_at(DOCTOR.certificate, ROOT.certificate)


class Answers:
    """What a cache asks: one answer after another, each of which holds for two hours."""

    def __init__(self):
        self.now, self.asked, self.gate, self.down = NOW, 0, asyncio.Event(), False
        self.gate.set()
        self.cached = Cached(self.fetch, clock=lambda: self.now)

    async def fetch(self):
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        return None if self.down else (number, self.now + 2 * HOUR)


async def test_an_answer_serves_until_its_end_while_the_next_is_asked_for():
    source = Answers()
    assert await source.cached.get() == 1
    assert await source.cached.get() == 1
    source.now += HOUR
    source.gate.clear()
    assert await source.cached.get() == 1
    assert await source.cached.get() == 1
    source.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert await source.cached.get() == 2
    assert source.asked == 2


async def test_an_answer_that_has_ended_serves_no_more():
    source = Answers()
    await source.cached.get()
    source.down = True
    source.now += 2 * HOUR
    assert await source.cached.get() is None
    assert source.cached.held is None


async def test_many_wait_for_one_request_and_one_that_is_cancelled_takes_it_from_no_other():
    source = Answers()
    source.gate.clear()
    waiting = [asyncio.create_task(source.cached.get()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*waiting[1:]) == [1, 1]
    assert source.asked == 1


async def test_closing_ends_a_request_under_way():
    source = Answers()
    source.gate.clear()
    waiting = asyncio.create_task(source.cached.get())
    await asyncio.sleep(0)
    await source.cached.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
