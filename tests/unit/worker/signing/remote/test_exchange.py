import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import issue
from worker.configuration_error import ConfigurationError
from worker.signing.port import SigningFailed
from worker.signing.remote.client_certificate import read_client_certificate
from worker.signing.remote.exchange import Exchange, Reply, connected
from worker.signing.remote.settings import BatchSettings, ClientCertificate, RemoteSigner
from worker.transport.port import Answer, DeliveryError, SendGuard

LOST = DeliveryError("connection-lost", "closed", sent=True)
TIMEOUT = DeliveryError("answer-timeout", "late", sent=True)
GOOD = Answer(200, {}, b'{"a": 1}')
URL = "https://provider.invalid/x"


def exchange(*script):
    client = ScriptedClient(script)
    return Exchange(RemoteSigner(), lambda _: client), client


async def test_a_json_request():
    asked, client = exchange(GOOD)
    assert await asked.post_json(URL, {"b": "ж"}, {"x-token": "t"}) == Reply(200, {"a": 1})
    (request,) = client.requests
    assert (request.method, request.url, request.content) == ("POST", URL, b'{"b": "\\u0436"}')
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"
    assert request.headers["x-token"] == "t"
    assert request.reuse


async def test_a_form():
    asked, client = exchange(GOOD)
    await asked.post_form(URL, b"a=1", {}, guard=SendGuard(lambda: True))
    (request,) = client.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not request.reuse


@pytest.mark.parametrize(
    ("script", "once", "sent"),
    [([LOST, GOOD], False, 2), ([LOST, LOST], False, 2), ([LOST], True, 1), ([TIMEOUT], False, 1)],
)
async def test_only_a_connection_that_was_lost_is_replaced_and_once(script, once, sent):
    asked, client = exchange(*script)
    guard = SendGuard(lambda: True) if once else None
    if script[-1] is GOOD:
        await asked.post_json(URL, {}, {}, guard=guard)
    else:
        with pytest.raises(SigningFailed, match="no answer from the provider") as failed:
            await asked.post_json(URL, {}, {}, guard=guard)
        assert failed.value.transient
    assert len(client.requests) == sent


async def test_nothing_is_sent_where_the_guard_does_not_permit_it():
    asked, client = exchange(GOOD)
    with pytest.raises(SigningFailed, match="is being closed") as failed:
        await asked.post_json(URL, {}, {}, guard=SendGuard(lambda: False))
    assert (failed.value.transient, client.requests) == (True, [])


async def test_files_are_read_with_the_first_request(tmp_path):
    asked = Exchange(RemoteSigner(ca_file=tmp_path / "missing.pem"))
    with pytest.raises(SigningFailed, match=r"missing.pem cannot be read") as failed:
        await asked.post_json(URL, {}, {})
    assert not failed.value.transient
    await asked.close()


@pytest.mark.parametrize(
    ("reply", "passing"),
    [(Reply(503, {}), True), (Reply(429, {}), True), (Reply(408, {}), True), (Reply(404, {}), False)],
)
def test_statuses_after_which_a_later_try_may_succeed(reply, passing):
    assert reply.passing is passing
    assert not reply.successful


def test_a_reply_shows_no_content():
    reply = Reply(200, {"access_token": "hidden", "a": ["x", 1, None, "y"]})
    assert "hidden" not in repr(reply)
    assert reply.text("a") == reply.text("b") == ""
    assert reply.texts("a") == ("x", "y")
    assert reply.texts("access_token") == ()


@pytest.fixture
def files(tmp_path):
    clinic = issue("Clinic")
    (tmp_path / "tls.pem").write_bytes(clinic.pem())
    (tmp_path / "tls-key.pem").write_bytes(
        clinic.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    )
    (tmp_path / "password").write_text("word\n")
    (tmp_path / "wrong").write_text("hidden-wrong-9")
    return tmp_path


def shown(files, **changes):
    given = {"certificate_file": "tls.pem", "key_file": "tls-key.pem", "key_password_file": "password"}
    return ClientCertificate(**{name: files / value for name, value in (given | changes).items() if value})


def test_a_client_certificate(files):
    identity = read_client_certificate(shown(files))
    assert identity.certificates == (files / "tls.pem").read_bytes()
    assert connected(RemoteSigner(client_certificate=shown(files)))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"key_password_file": "wrong"}, "its password is wrong or missing"),
        ({"key_password_file": None}, "its password is wrong or missing"),
        ({"key_file": "password", "key_password_file": None}, "it is not PEM"),
        ({"key_file": "missing"}, "missing cannot be read"),
        ({"certificate_file": "missing"}, "missing cannot be read"),
        ({"key_password_file": "missing"}, "missing cannot be read"),
    ],
)
def test_one_that_cannot_be_used(files, changes, problem):
    with pytest.raises(ConfigurationError, match=problem) as failed:
        read_client_certificate(shown(files, **changes))
    assert "hidden" not in str(failed.value)


def test_the_batches_settings():
    policy = BatchSettings(most=5, calls=2, linger=0.1).policy()
    assert (policy.most, policy.calls, policy.linger) == (5, 2, 0.1)
