"""The stable reason of a failed exchange, from its progress and its exception: no I/O.

The exceptions alone cannot tell whether a request was sent: a broken connection is the same one before and after. The
stage is observed, and the cause only refines it.
"""

from __future__ import annotations

import os
import socket
import ssl
from enum import IntEnum
from typing import TYPE_CHECKING

import aiohttp

from worker.file_store import FileDiffers, FileStoreOutage, FileTooLarge, NoSuchFile
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stage(IntEnum):
    """How far an exchange has come. A request counts as sent before its first byte is handed over."""

    CONNECTING = 0
    SENT = 1
    ANSWERING = 2


class BrokenAnswer(Exception):
    """The body of an answer cannot be read as its headers say."""


class StreamDefect(Exception):
    """What was to be sent piece by piece could not be read, or what was to be saved not written: a defect of ours."""


FILE_FAILURES = (FileTooLarge, FileDiffers, FileStoreOutage, NoSuchFile)
"""What the file store says of a file that is sent or saved; nothing of it is the system's."""

FAILURES = (aiohttp.ClientError, BrokenAnswer, OSError)
"""What an exchange raises when the network or the peer fails. TimeoutError and ssl.SSLError are OSErrors.

Any other exception is a defect, of the libraries or ours: sent or not is told by the stage all the same.
"""

_MOST_CAUSES = 20
"""Errors of a chain that are looked at; one may lead back into itself."""
DEFECT = "defect"
_OF_FILES = {
    FileTooLarge: "file-too-large",
    FileDiffers: "file-differs",
    FileStoreOutage: "file-store-unavailable",
    NoSuchFile: "no-such-file",
}

_SENTENCES = {
    "connection-refused": "no connection could be made",
    "dns-failure": "the host name could not be resolved",
    "tls-failure": "no TLS session with mutual trust",
    "connect-timeout": "no connection in time",
    "answer-timeout": "the request was sent, but no complete answer arrived in time",
    "connection-lost": "the connection broke before an answer arrived",
    "answer-broken": "the answer is incomplete or unreadable",
    DEFECT: "the HTTP client failed",
    "file-too-large": "the file of the answer is too large to be kept",
    "file-differs": "a file is not what it was said to be",
    "file-store-unavailable": "the file store is unavailable",
    "no-such-file": "the file to be sent is no longer kept",
}


def delivery_error(error: BaseException, stage: Stage, host: str) -> DeliveryError:
    """Translate. The detail has the host and the system's words for the cause, never path or content."""
    causes = tuple(_causes(error))
    reason = _reason(causes, stage)
    detail = f"{host}: {_SENTENCES[reason]}{_hint(causes)}"
    return DeliveryError(reason, detail, sent=stage is not Stage.CONNECTING)


def _causes(error: BaseException) -> Iterator[BaseException]:
    # Explicit causes only: __context__ may lead into a failure that the caller was handling at the time.
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        current = getattr(current, "os_error", None) or current.__cause__


def _reason(causes: tuple[BaseException, ...], stage: Stage) -> str:
    if isinstance(causes[0], StreamDefect):
        return DEFECT
    for kind, reason in _OF_FILES.items():
        if isinstance(causes[0], kind):
            return reason
    known = isinstance(causes[0], FAILURES)
    if stage is Stage.CONNECTING:
        return _reason_unsent(causes) if known else DEFECT
    if _has(causes, TimeoutError):
        return "answer-timeout"
    if stage is Stage.ANSWERING or not known or _has(causes, aiohttp.ClientResponseError):
        return "answer-broken"
    # TLS 1.3 lets the client finish first: a refused client certificate shows only after the request left.
    return "tls-failure" if _has(causes, ssl.SSLError) else "connection-lost"


def _reason_unsent(causes: tuple[BaseException, ...]) -> str:
    if _has(causes, socket.gaierror):
        return "dns-failure"
    if _has(causes, ssl.SSLError):
        return "tls-failure"
    if _has(causes, TimeoutError):
        return "connect-timeout"
    return "connection-lost" if _has(causes, ConnectionResetError) else "connection-refused"


def _has(causes: tuple[BaseException, ...], kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in causes)


def _hint(causes: tuple[BaseException, ...]) -> str:
    # The innermost error that is the system's own: texts of aiohttp quote whole URLs.
    for cause in reversed(causes):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f" ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return f" ({cause.reason})" if cause.reason else ""
        if isinstance(cause, socket.gaierror):
            return f" ({cause.strerror})"
        if isinstance(cause, BrokenAnswer | StreamDefect | FileTooLarge):
            return f" ({cause})"
        if isinstance(cause, OSError) and cause.errno:
            return f" ({os.strerror(cause.errno)})"
    # Of an unexpected exception only the type: its text may quote anything.
    return "" if isinstance(causes[0], (*FAILURES, *FILE_FAILURES)) else f" ({type(causes[0]).__name__})"
