"""The settings of the RegiX package. What public sources do not confirm is a setting (docs/systems/regix.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, TimeZoneName, must_be
from worker.signing.taken import RSA_ALONE, TakenAlgorithms
from worker.signing.wsse.names import SOAP_11, SOAP_12
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses
from worker.transport.settings import TransportSettings

if TYPE_CHECKING:
    from worker.signing.wsse.names import Soap

MAX_BYTES = 25 * 1024 * 1024
"""Of an answer that are read: what RegiX's own bindings take (`maxReceivedMessageSize`, 26214400)."""

# The pattern is that of the events' contract: an operation that no event can name need not be listed.
ShortName = Annotated[
    str,
    must_be(
        r"[A-Za-z][A-Za-z0-9_.]{0,127}", "at most 128 letters a-z, digits and . _, beginning with a letter"
    ),
]
FullName = Annotated[
    str,
    must_be(
        r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+",
        "the interface's full name and the method's, joined by dots",
    ),
]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    REPORT = "report.request"


class OwnOperation(SettingsModel):
    """An operation of RegiX that the shipped catalogue lacks, or has otherwise."""

    operation: FullName
    """The full name that RegiX is sent, as `TechnoLogica.RegiX.…API.Method`."""
    writes: bool = True
    """Whether a request may change something in the register: then it is never sent twice."""
    title: Annotated[str, Field(max_length=200)] = ""
    """What it is, for lists."""


class Meaning(StrEnum):
    """What an error of a primary register means."""

    REJECTED = "rejected"
    RETRY = "retry"
    BLOCKED = "blocked"


class RegisterError(SettingsModel):
    """A kind of error that a primary register, or RegiX in its name, states."""

    says: re.Pattern[str]
    """A pattern that Herald searches for in the error's sentence."""
    means: Meaning
    """`rejected`: an answer, and final. `retry`: tried again, where the operation only reads. `blocked`: an operator
    must act."""


UNREACHABLE = RegisterError(
    says=re.compile(
        r"(?i)no endpoint listening|timed? ?out|timeout|unable to connect|could not connect|"
        r"connection (attempt failed|was (closed|reset|aborted|forcibly closed))|"
        r"(temporarily|currently|is) (not available|unavailable)|временно (не е достъп|недостъп)"
    ),
    means=Meaning.RETRY,
)
"""Inferred: how .NET and registers say that a register was not reached."""


class SignatureSettings(SettingsModel):
    """How the signatures of reports are checked. The verdict is told in the reply, and decides nothing."""

    trusted_certificates: tuple[Path, ...] = ()
    """Certificates (PEM or DER) of those who sign reports, or of the authorities that issued theirs directly: a
    signature by another certificate is `untrusted`."""
    accept_sha1: bool = False
    """Check signatures that use SHA-1, as the public sample of RegiX does. SHA-1 no longer protects against forgery:
    without this such a signature is `not-checked`."""


class RegixTransport(TransportSettings):
    """Bounds in seconds and bytes. Certificates are always verified: there is nothing to switch that off."""

    max_answer_bytes: Annotated[int, Field(gt=0, le=MAX_BYTES)] = MAX_BYTES
    """The largest answer, after decompression: at most 25 MiB. A longer one is truncated and marked."""


class RegixSettings(SettingsModel):
    """Everything about RegiX V2: where it is, who asks, and what its answers mean."""

    url: HttpsUrl = HttpUrl("https://service-regix-test.egov.bg/RegiXEntryPointV2.svc/basic")
    """The address of the service: by default that of the test environment; in production
    `https://service-regix.egov.bg/RegiXEntryPointV2.svc/basic`. With `soap: "1.2"` without `/basic`."""
    soap: Literal["1.1", "1.2"] = "1.1"
    """The version of SOAP of requests: 1.1 at `/basic`, 1.2 with WS-Addressing beside it. Answers are read in both."""
    probe_path: ProbePath | None = "?wsdl"
    """Inferred: what a probe asks for, appended to `url`, by GET. Any answer except 502, 503 and 504 means that RegiX
    is reachable; no probe decides anything alone. `null`: no probes."""
    senders: tuple[str, ...] = ()
    """The identities that may use RegiX, by the name that events give as their `signer`: each presents its own
    certificate in the TLS handshake. RegiX knows a system by the thumbprint of that certificate, which it issues."""
    signature_algorithms: TakenAlgorithms = RSA_ALONE
    """The kinds of keys whose certificates RegiX takes in the handshake. Inferred: RSA, as in its guide's requests for
    certificates."""
    operations: dict[ShortName, OwnOperation] = Field(default_factory=dict)
    """Operations that the shipped catalogue lacks, or has otherwise, by the short name that events give."""
    argument_schemas: Path | None = None
    """A folder with RegiX's own schemas of arguments, each named by its operation's short name
    (`GetActualState.xsd`); they may refer to others in it. The argument of an operation with a schema there is
    checked by it before it is sent."""
    callback_url: HttpsUrl | None = None
    """The public address of the receiver's route for RegiX, without its secret segment. It is sent with asynchronous
    requests, so that RegiX says when a report is there. Without it Herald only asks."""
    callback_secret_file: Path | None = None
    """The file with the secret segment of that route, which the address that RegiX is sent ends with."""
    callback_answer: Literal["fault", "success"] = "fault"
    """How RegiX's call is answered once Herald knows of it. Inferred from RegiX's source: after a success RegiX forgets
    the report, which only the call then held; after a fault it keeps it, and Herald fetches it by its own request."""
    register_errors: tuple[RegisterError, ...] = (UNREACHABLE,)
    """Inferred: what the errors of primary registers mean; the first row that fits counts. An error that fits none is
    a rejection."""
    check_echo: bool = True
    """Inferred: an answer repeats the argument. One that repeats another does not count as an answer to this request;
    one that repeats none does."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses of a gateway that refused the request unread, so that sending again is safe. For operations
    that write, only 429 counts."""
    signatures: SignatureSettings = SignatureSettings()
    """How the signatures of reports are checked."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of RegiX's days."""
    transport: RegixTransport = RegixTransport()
    """Time limits, the largest answer, and which certificate authorities to trust."""

    @property
    def envelope(self) -> Soap:
        """The version of SOAP of what is sent."""
        return SOAP_12 if self.soap == "1.2" else SOAP_11

    @model_validator(mode="after")
    def _addresses_fit(self) -> Self:
        if self.soap == "1.2" and (self.url.path or "").rstrip("/").endswith("/basic"):
            raise ValueError("url: the address /basic takes SOAP 1.1; leave /basic out for SOAP 1.2")
        if (self.callback_url is None) != (self.callback_secret_file is None):
            raise ValueError("give both callback_url and callback_secret_file, or neither")
        for url in (self.url, self.callback_url):
            if url is not None and (url.username or url.password or url.query or url.fragment):
                raise ValueError("url and callback_url must have neither user, password, query nor fragment")
        return self
