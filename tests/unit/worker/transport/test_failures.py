"""The table of reasons, over the exceptions that aiohttp raises."""

import errno
import http.client
import socket
import ssl
from types import SimpleNamespace

import aiohttp
import pytest

from worker.transport.failures import BrokenAnswer, Stage, delivery_error

KEY = SimpleNamespace(ssl=True, host="host", port=443, is_ssl=True)
PRIVATE = "https://host/path?patient=8001010000"


def caused(error, *causes):
    """Chain the errors as `raise … from` does."""
    current = error
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return error


def connector(os_error, kind=aiohttp.ClientConnectorError):
    return kind(KEY, os_error)


def certificate_error():
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    return error


def tls_error():
    error = ssl.SSLError(1, "record layer failure")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


CONNECTING = {
    "refused": (connector(OSError(errno.ECONNREFUSED, "x")), "connection-refused", "Connection refused"),
    "unreachable": (connector(OSError(errno.EHOSTUNREACH, "x")), "connection-refused", "No route to host"),
    "reset": (
        connector(ConnectionResetError(errno.ECONNRESET, "x")),
        "connection-lost",
        "Connection reset by peer",
    ),
    "no name": (
        connector(
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"), aiohttp.ClientConnectorDNSError
        ),
        "dns-failure",
        "Name or service not known",
    ),
    "certificate": (
        connector(certificate_error(), aiohttp.ClientConnectorCertificateError),
        "tls-failure",
        "certificate has expired",
    ),
    "handshake": (
        connector(tls_error(), aiohttp.ClientConnectorSSLError),
        "tls-failure",
        "WRONG_VERSION_NUMBER",
    ),
    "timeout": (
        caused(aiohttp.ConnectionTimeoutError(PRIVATE), TimeoutError()),
        "connect-timeout",
        None,
    ),
    "timeout of the kernel": (
        connector(TimeoutError(errno.ETIMEDOUT, "x")),
        "connect-timeout",
        "Connection timed out",
    ),
    "our own deadline": (TimeoutError(), "connect-timeout", None),
    "what nobody foresaw": (aiohttp.ClientConnectionError(PRIVATE), "connection-refused", None),
}
SENT = {
    "disconnected": (
        aiohttp.ServerDisconnectedError(),
        "connection-lost",
        None,
    ),
    "reset": (
        aiohttp.ClientOSError(errno.ECONNRESET, PRIVATE),
        "connection-lost",
        "Connection reset by peer",
    ),
    "silence": (
        aiohttp.SocketTimeoutError(PRIVATE),
        "answer-timeout",
        None,
    ),
    "our own deadline": (TimeoutError(), "answer-timeout", None),
    "not HTTP": (
        aiohttp.ClientResponseError(SimpleNamespace(real_url=PRIVATE), (), status=400, message=PRIVATE),
        "answer-broken",
        None,
    ),
    "client certificate refused": (
        caused(aiohttp.ClientOSError(1, PRIVATE), tls_error()),
        "tls-failure",
        "WRONG_VERSION_NUMBER",
    ),
    "what nobody foresaw": (aiohttp.ClientError(PRIVATE), "connection-lost", None),
}
ANSWERING = {
    "cut": (aiohttp.ClientPayloadError(PRIVATE), "answer-broken", None),
    "cut by TLS": (
        caused(aiohttp.ClientPayloadError(PRIVATE), tls_error()),
        "answer-broken",
        "WRONG_VERSION_NUMBER",
    ),
    "silence": (
        aiohttp.SocketTimeoutError(PRIVATE),
        "answer-timeout",
        None,
    ),
    "our own deadline": (TimeoutError(), "answer-timeout", None),
    "not gzip": (BrokenAnswer("its gzip stream is broken"), "answer-broken", "its gzip stream is broken"),
}
UNFORESEEN = [
    ValueError(PRIVATE),
    TypeError(PRIVATE),
    KeyError(PRIVATE),
    IndexError(PRIVATE),
    AttributeError(PRIVATE),
    AssertionError(PRIVATE),
    RuntimeError(PRIVATE),
    RecursionError(PRIVATE),
    MemoryError(PRIVATE),
    ZeroDivisionError(PRIVATE),
    UnicodeEncodeError("utf-8", "\udcff" + PRIVATE, 0, 1, PRIVATE),
    UnicodeDecodeError("utf-8", PRIVATE.encode(), 0, 1, PRIVATE),
    aiohttp.http_exceptions.BadStatusLine(PRIVATE),
    http.client.IncompleteRead(PRIVATE.encode()),
    ExceptionGroup(PRIVATE, [ValueError(PRIVATE)]),
]


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stage", Stage)
def test_what_no_library_documents(stage, error):
    told = delivery_error(error, stage, "host:443")
    sent = stage is not Stage.CONNECTING
    assert (told.reason, told.sent) == ("answer-broken" if sent else "defect", sent)
    assert str(told).endswith(f"({type(error).__name__})")
    assert "8001010000" not in str(told)


def test_causes_in_a_circle_end():
    first, second = aiohttp.ClientError(PRIVATE), aiohttp.ClientError(PRIVATE)
    first.__cause__, second.__cause__ = second, first
    assert delivery_error(first, Stage.SENT, "host:443").reason == "connection-lost"


CASES = [
    pytest.param(stage, *case, id=f"{stage.name.lower()}: {name}")
    for stage, table in [(Stage.CONNECTING, CONNECTING), (Stage.SENT, SENT), (Stage.ANSWERING, ANSWERING)]
    for name, case in table.items()
]


@pytest.mark.parametrize(("stage", "error", "reason", "hint"), CASES)
def test_reason_sent_and_detail(stage, error, reason, hint):
    told = delivery_error(error, stage, "host:443")
    assert (told.reason, told.sent) == (reason, stage is not Stage.CONNECTING)
    assert str(told).startswith("host:443: ")
    assert str(told).endswith(f" ({hint})") if hint else "(" not in str(told)
    assert "8001010000" not in str(told)


def test_what_the_caller_was_handling_at_the_time_is_not_a_cause():
    error = aiohttp.ServerDisconnectedError()
    error.__context__ = TimeoutError()
    assert delivery_error(error, Stage.SENT, "host:443").reason == "connection-lost"
