"""A signer that cannot be used blocks its own submissions, in every system that signs; the others' go on."""

from __future__ import annotations

import ssl
import uuid
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.signing.signers import file_key
from worker.outcome import Blocked
from worker.signing.checked import CheckedTlsSigner
from worker.systems.dependencies import Dependencies
from worker.systems.erx import build as erx_build
from worker.systems.erx.settings import ErxSettings
from worker.systems.kz_shep import build as kz_shep_build
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.nhif import build as nhif_build
from worker.systems.nhif.settings import NhifSettings
from worker.systems.nhis import build as nhis_build
from worker.systems.nhis.settings import NhisSettings
from worker.systems.port import Attempt, NotPrepared, TellsUnusableSigners

FAULT = "/etc/herald/odd.p12: the certificate's KeyUsage is malformed"
CATALOGUE = "services:\n  - {module: m, version: v1, service: LIST, method: GET}\n"
ATTEMPT = Attempt(1, str(uuid.UUID(int=1, version=4)), datetime.now(UTC), str(uuid.UUID(int=2, version=4)))
EVENTS = {
    "nhis": submission("nhis.immunization.register.v1"),
    "nhis by mtls": submission("nhis.immunization.register.v1"),
    "nhif": submission("nhif.service.read.v1", {"module": "m", "version": "v1", "service": "LIST"}),
    "kz-shep": submission("kz-shep.medical-exemption.search.v1"),
}


def key(name: str, **validity) -> CheckedTlsSigner:
    issued = issue(name, **validity)
    return file_key(name, issued, clock=lambda: NOW)


@pytest.fixture
def made(tmp_path):
    """Build a system whose signers are `one`, as events name it, and `two`."""
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)

    def made(system, keys, unusable):
        given = Dependencies(keys, {}, {}, now=lambda: NOW, monotonic=lambda: 0.0, unusable=unusable)
        people = {"one": {"uin": "0000000001"}, "two": {"uin": "0000000002"}}
        if system.startswith("nhis"):
            auth = "mtls" if "mtls" in system else "challenge"
            return nhis_build.build(NhisSettings(senders=people, auth=auth), given)
        if system == "nhif":
            catalogue = tmp_path / "catalogue.yaml"
            return nhif_build.build(
                NhifSettings(api_url="https://nhif.test", senders=("one", "two"), catalogue_file=catalogue),
                given,
            )
        names = {name: {"sender_id": name} for name in people}
        return kz_shep_build.build(
            KzShepSettings(url="https://shep.test", senders=names, verify_answers=False), given
        )

    return made


@pytest.mark.parametrize("system", EVENTS)
async def test_its_submissions_are_blocked_with_the_very_problem(made, system):
    built = made(system, {"two": key("two")}, {"one": FAULT, "a signer of no use to this system": "x"})
    with pytest.raises(NotPrepared) as caught:
        await built.prepare(EVENTS[system], ATTEMPT)
    assert caught.value.outcome == Blocked(Reason.SIGNING_FAILED, f'signer "one": {FAULT}')
    assert isinstance(built, TellsUnusableSigners)
    assert (built.unusable_signers(), built.can_sign()) == ({"one": FAULT}, True)
    await built.close()


@pytest.mark.parametrize("system", EVENTS)
async def test_a_system_without_any_that_can_sign_is_built_and_says_so(made, system):
    built = made(system, {}, {"one": FAULT, "two": FAULT})
    assert not built.can_sign()
    await built.close()


@pytest.mark.parametrize(
    ("type_", "reason", "told"),
    [
        ("erx.prescription.issue.v1", Reason.SIGNING_FAILED, 'signer "one": the password file {} is empty'),
        (
            "erx.user.register.v1",
            Reason.CONFIGURATION,
            "the new user's password cannot be used: the password file {} is empty",
        ),
    ],
)
async def test_an_unreadable_password_blocks_who_needs_it_alone(tmp_path, type_, reason, told):
    empty = tmp_path / "empty"
    empty.touch()
    asked = submission(type_)
    unreadable = {"username": "dr-one", "password_file": empty, "role": "admin"}
    readable = {"username": "dr-one", "password": "secret", "role": "admin"}
    settings = ErxSettings.model_validate(
        {
            "client": {"username": "software", "password": "secret"},
            "users": {
                asked.signer: readable if reason is Reason.CONFIGURATION else unreadable,
                "two": readable,
            },
            "secrets": {getattr(asked.data, "credentials", "none"): {"password_file": empty}},
        }
    )
    given = Dependencies({}, {}, {}, now=lambda: NOW, monotonic=lambda: 0.0)
    built = erx_build.build(settings, given)
    await built.check(asked)
    with pytest.raises(NotPrepared) as caught:
        await built.prepare(asked, ATTEMPT)
    assert caught.value.outcome == Blocked(reason, told.format(empty))
    assert built.can_sign()
    await built.close()


@pytest.mark.parametrize("system", ["nhis by mtls", "nhif"])
async def test_one_that_tls_refuses_is_blocked_alone(made, system, monkeypatch):
    load = ssl.SSLContext.load_cert_chain
    one, two = key("one"), key("two")
    marked = one.tls_identity().certificates

    def refuse_one(context, file, *more, **named):
        with open(file, "rb") as opened:  # noqa: PTH123 - Path resolves the link, and the file has no name
            if opened.read().startswith(marked):
                error = ssl.SSLError(1, "[SSL: CA_MD_TOO_WEAK] ca md too weak")
                error.reason = "CA_MD_TOO_WEAK"
                raise error
        load(context, file, *more, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", refuse_one)
    built = made(system, {"one": one, "two": two}, {})
    problem = "TLS does not take its certificates or its key (ca_md_too_weak)"
    with pytest.raises(NotPrepared) as caught:
        await built.prepare(EVENTS[system], ATTEMPT)
    assert caught.value.outcome == Blocked(Reason.SIGNING_FAILED, f'signer "one": {problem}')
    assert built.unusable_signers() == {"one": problem}
    await built.close()


class Probed:
    """Clients that note whose certificate asks."""

    def __init__(self):
        self.asked = []

    def of(self, signer):
        self.asked.append(signer)
        return self

    async def request(self, *_, **__):
        raise AssertionError


@pytest.mark.parametrize(
    ("keys", "unusable", "asks"),
    [
        ({"one": key("one"), "two": key("two")}, {}, ["one", "two", "one"]),  # they take turns
        ({"one": key("expired", end=NOW - YEAR / 2), "two": key("two")}, {}, ["two"] * 3),
        ({"one": key("one"), "two": key("two")}, {"one": FAULT}, ["two"] * 3),
        ({"one": key("expired", end=NOW - YEAR / 2)}, {"two": FAULT}, []),
        ({}, {"one": FAULT, "two": FAULT}, []),
    ],
)
async def test_nhif_is_probed_with_a_certificate_that_is_valid_or_not_at_all(
    made, monkeypatch, keys, unusable, asks
):
    built = made("nhif", keys, unusable)
    probed = Probed()

    async def probe_http(client, *_):
        assert client is probed

    monkeypatch.setattr("worker.systems.base.probe_http", probe_http)
    real, built._clients = built._clients, probed
    assert [await built.probe() for _ in range(3)] == [None] * 3
    assert probed.asked == asks
    await real.aclose()
