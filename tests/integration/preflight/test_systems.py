"""The checks of the systems' hosts and of signers: each fault is made on purpose, by a server that has it."""

from __future__ import annotations

import json
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue, key_usage
from tests.support.transport.tls_peer import Peer, server_context
from worker.admin.preflight import runner
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.signers import SignerChecks, try_signature
from worker.admin.preflight.systems import SystemChecks
from worker.clock import SystemClock
from worker.composition.systems import build_systems
from worker.settings.load import load
from worker.signing.checked import checked
from worker.signing.gate.settings import SigningSettings
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.registry import load_signers

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
AUTHORITY = issue("Test CA", authority=True)
USAGE = key_usage(digital_signature=True)
SECONDS = 6.0


def now():
    return datetime.now(UTC)


def server(**changed):
    return issue("server", issuer=AUTHORITY, usage=USAGE, **{"hosts": ("127.0.0.1",), **changed})


@pytest.fixture
def serve():
    peers = []

    def start(script, *, shown=None, client_authority=None):
        context = server_context(shown or server(), client_authority=client_authority)
        peers.append(Peer(script, context).__enter__())
        return peers[-1]

    yield start
    for peer in peers:
        peer.__exit__()


def answering(status="404 Not Found", **headers):
    lines = tuple(f"{name}: {value}" for name, value in headers.items())

    def script(connection):
        while connection.read_request():
            connection.answer(b"", status=status, headers=lines)

    return script


def dated(ahead=timedelta()):
    return answering(Date=format_datetime(now() + ahead, usegmt=True))


@pytest.fixture
def check(tmp_path):
    """Run a system's checks; return verdict and sentence by check and subject."""
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem())
    (tmp_path / "password").write_text("word")

    async def run(signers=None, *, logins=True, seconds=SECONDS, name="nhis", **section):
        files = {}
        for signer, issued in (signers or {"doctor": issue("doctor", issuer=AUTHORITY)}).items():
            (tmp_path / f"{signer}.p12").write_bytes(issued.pkcs12("word"))
            files[signer] = {"file": f"{tmp_path}/{signer}.p12", "password_file": f"{tmp_path}/password"}
        senders = {signer: {"uin": f"230000000{at}"} for at, signer in enumerate(files)}
        document = {
            "kafka": {"bootstrap_servers": "kafka.invalid:9092"},
            "signers": files,
            "systems": {
                name: {
                    "senders": senders,
                    "transport": {"ca_file": f"{tmp_path}/ca.pem", "connect_timeout": 2},
                    **section,
                }
            },
        }
        path = tmp_path / "herald.yaml"
        path.write_text(json.dumps(document), encoding="utf-8")
        settings = load(path, {"HERALD_JOURNAL__DSN": "postgresql://nobody@127.0.0.1:1/none"})
        (built,) = build_systems(settings, SystemClock())
        checks = SystemChecks(built.system, logins=logins, seconds=seconds / 2, now=now)
        results = await runner.run([*checks.all(), *checks.clocks()], seconds=seconds)
        await built.system.close()
        return {(one.id.removeprefix("systems."), one.subject): one for one in results}

    return run


async def test_a_host_that_is_well(check, serve):
    peer = serve(dated())
    found = await check(api_url=peer.url, auth_url=f"{peer.url}/token", logins=False)
    assert {one.verdict for one in found.values()} == {OK}
    assert "TLSv1.3" in found["tls", "nhis services"].detail
    assert ("clocks.systems", "nhis services") in found
    assert [name for name, _ in found if name == "token"] == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hosts": ("elsewhere.example",)}, "IP address mismatch"),
        ({"start": NOW - YEAR, "end": NOW - timedelta(days=1)}, "expired"),
        ({"issuer": issue("Other CA", authority=True)}, "unable to get local issuer"),
    ],
)
async def test_a_certificate_that_does_not_fit_is_told(check, serve, changed, words):
    peer = serve(
        dated(),
        shown=issue("server", usage=USAGE, **{"issuer": AUTHORITY, "hosts": ("127.0.0.1",), **changed}),
    )
    found = await check(api_url=peer.url, auth_url="https://127.0.0.1:1/token", logins=False)
    told = found["tls", "nhis services"]
    assert (told.verdict, words in told.detail) == (FAIL, True), told
    assert "ca_file" in told.next_step
    assert found["certificate", None].verdict == SKIPPED
    assert peer.requests == []  # nothing is sent to a server that is not the right one


async def test_a_certificate_that_ends_soon_is_told(check, serve):
    peer = serve(dated(), shown=server(end=NOW + timedelta(days=3)))
    found = await check(api_url=peer.url, auth_url=f"{peer.url}/token", logins=False)
    told = found["certificate", "nhis services"]
    assert (told.verdict, "(2 days)" in told.detail or "(3 days)" in told.detail) == (WARN, True)


@pytest.mark.parametrize(("minutes", "verdict"), [(10, FAIL), (-10, FAIL), (0.5, WARN)])
async def test_a_clock_that_is_wrong_is_told(check, serve, minutes, verdict):
    peer = serve(dated(timedelta(minutes=minutes)))
    found = await check(api_url=peer.url, auth_url=f"{peer.url}/token", logins=False)
    told = found["clocks.systems", "nhis services"]
    assert (told.verdict, ("ahead of" if minutes > 0 else "behind") in told.detail) == (verdict, True)


async def test_a_gateway_in_place_of_the_system_is_a_warning(check, serve):
    peer = serve(answering("503 Service Unavailable"))
    found = await check(api_url=peer.url, auth_url=f"{peer.url}/token", logins=False)
    assert (found["answer", "nhis services"].verdict, found["clocks.systems", "nhis services"].verdict) == (
        WARN,
        SKIPPED,
    )


async def test_a_host_that_takes_the_request_and_never_answers_holds_up_no_other_check(check, serve):
    peer = serve(lambda connection: (connection.read_request(), connection.wait_for_close()))
    begin = time.monotonic()
    found = await check(api_url=peer.url, auth_url=f"{peer.url}/token", logins=False, seconds=2)
    assert time.monotonic() - begin < 5
    assert found["tls", "nhis services"].verdict == OK
    assert (
        found["answer", "nhis services"].verdict,
        "no answer" in found["answer", "nhis services"].detail,
    ) == (
        FAIL,
        True,
    )


async def test_a_host_that_never_shakes_hands(check):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        found = await check(api_url=url, auth_url=url, logins=False, seconds=3)
    told = found["tls", "nhis services"]
    assert (told.verdict, "firewall" in told.next_step) == (FAIL, True)


async def test_a_name_that_does_not_exist_and_a_port_where_nobody_listens(check):
    found = await check(
        api_url="https://no-such-host.invalid", auth_url="https://127.0.0.1:1/token", logins=False
    )
    assert found["dns", "nhis services"].verdict == FAIL
    assert "name servers" in found["dns", "nhis services"].next_step
    assert found["dns", "nhis authorisation"].verdict == OK
    assert found["tls", "nhis authorisation"].verdict == FAIL
    skipped = [one for (name, _), one in found.items() if name == "tls" and one.verdict == SKIPPED]
    assert ["systems.dns" in one.detail for one in skipped] == [True]  # one fault, one failure


async def test_a_refused_token_is_the_signers_own_failure(check, serve):
    peer = serve(answering("403 Forbidden"))
    signers = {name: issue(name, issuer=AUTHORITY) for name in ("doctor", "nurse")}
    found = await check(signers, api_url=peer.url, auth_url=f"{peer.url}/token", auth="mtls")
    for name in signers:
        told = found["token", f"nhis {name}"]
        assert (told.verdict, "no token" in told.detail) == (FAIL, True)
        assert ("tls", f"nhis authorisation, {name}") in found


async def test_a_host_that_refuses_the_client_certificate_is_told(check, serve, tmp_path):
    peer = serve(dated(), client_authority=issue("Other CA", authority=True))
    services = tmp_path / "services.yaml"
    found = await check(
        name="nhif",
        api_url=peer.url,
        senders=["doctor"],
        catalogue_file=str(_catalogue(services)),
        logins=False,
    )
    told = found["answer", "nhif services, doctor"]
    assert (told.verdict, "refuse the signer's certificate" in told.next_step) == (FAIL, True), told
    assert found["tls", "nhif services, doctor"].verdict == OK  # with TLS 1.3 the refusal comes afterwards


def _catalogue(path):
    path.write_text("services: []\n")
    return path


@pytest.mark.parametrize(
    ("dates", "verdict"),
    [
        ({"end": NOW - timedelta(days=1)}, FAIL),
        ({"start": NOW + timedelta(days=1)}, FAIL),
        ({"end": NOW + timedelta(days=30)}, WARN),
    ],
)
async def test_a_certificate_that_is_not_valid_fails_alone(tmp_path, dates, verdict):
    results = await _signers(tmp_path, odd=issue("odd", **dates), good=issue("good"))
    found = {(one.id, one.subject): one.verdict for one in results}
    assert found["signers.validity", "odd"] == verdict
    assert found["signers.validity", "good"] == OK
    assert found["signers.signature", "good"] == OK
    assert found["signers.signature", "odd"] == (SKIPPED if verdict is FAIL else OK)


async def test_a_certificate_outside_the_trust_anchors_fails_alone(tmp_path):
    root = issue("Root", authority=True)
    (tmp_path / "anchors.pem").write_bytes(root.pem())
    signing = SigningSettings(trust_anchors=tmp_path / "anchors.pem")
    results = await _signers(tmp_path, signing, odd=issue("odd"), good=issue("good", issuer=root))
    found = {(one.id, one.subject): one for one in results}
    assert found["signers.validity", "odd"].verdict == FAIL
    assert "does not chain to a trust anchor" in found["signers.validity", "odd"].detail
    assert found["signers.signature", "odd"].verdict == SKIPPED
    assert found["signers.validity", "good"].verdict == OK
    assert found["signers.signature", "good"].verdict == OK


async def test_a_file_that_cannot_be_opened_fails_alone(tmp_path):
    results = await _signers(tmp_path, good=issue("good"), broken=None)
    found = {(one.id, one.subject): one for one in results}
    assert found["signers.load", "broken"].verdict == FAIL
    assert found["signers.signature", "good"].verdict == OK
    assert "word" not in found["signers.load", "broken"].detail.split()


async def test_a_key_that_is_not_the_certificates_is_noticed():
    mine, other = issue("mine"), issue("other")
    key = checked(Pkcs12Key("doctor", other.key, mine.certificate), clock=now)
    told = await try_signature(key, seconds=3)
    assert (told.verdict, "does not belong to its certificate" in told.detail) == (FAIL, True)


async def test_an_ncanode_that_is_away_is_told(tmp_path):
    (tmp_path / "clinic.p12").write_bytes(issue("clinic").pkcs12("word"))
    results = await _signers(
        tmp_path, clinic={"kind": "ncanode", "url": "http://127.0.0.1:1", "file": f"{tmp_path}/clinic.p12"}
    )
    found = {(one.id, one.subject): one for one in results}
    told = found["signers.ncanode", "clinic"]
    assert (told.verdict, "NCANode" in told.detail) == (FAIL, True)


async def _signers(directory, signing=None, **issued):
    (directory / "password").write_text("word")
    signers = {}
    for name, one in issued.items():
        given = one if isinstance(one, dict) else {"file": f"{directory}/{name}.p12"}
        signers[name] = given | {"password_file": f"{directory}/password"}
        if not isinstance(one, dict):
            (directory / f"{name}.p12").write_bytes(b"text" if one is None else one.pkcs12("word"))
    path = directory / "signers.yaml"
    document = {"kafka": {"bootstrap_servers": "k:1"}, "signers": signers, "systems": {"nhis": {}}}
    path.write_text(json.dumps(document), encoding="utf-8")
    settings = load(path, {"HERALD_JOURNAL__DSN": "postgresql://nobody@127.0.0.1:1/none"})
    loaded = load_signers(settings.signers, clock=now, signing=signing)
    return await runner.run(SignerChecks(loaded, {}, seconds=3, now=now).all(), seconds=6)
