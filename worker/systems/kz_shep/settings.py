"""The settings of the SHEP package. What public sources do not confirm is a setting (docs/systems/kz-shep.md)."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator

from contracts.kz_shep.results import Meaning
from worker.setting_types import ProbePath, SettingsModel, TimeZoneName, must_be
from worker.signing.taken import RSA_ALONE, TakenAlgorithms
from worker.signing.wsse.names import SOAP_11, SOAP_12
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.signing.wsse.names import Soap

Text = Annotated[
    str,
    must_be(
        r"[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]{1,255}",
        "1 to 255 characters without line breaks, control characters and others that XML cannot carry",
    ),
]
Action = Annotated[
    str,
    must_be(r"[!#-\[\]-~]{0,255}", "an address without spaces, quotation marks and backslashes, or nothing"),
]
Code = Annotated[str, must_be(r"[A-Za-z0-9._-]{1,40}", "a code of at most 40 letters, digits and . _ -")]


MAX_BYTES = 8 * 1024 * 1024
"""Of an answer that are read; the check of signatures reads no more, too."""


Status = Annotated[
    str, must_be(r"[^\x00-\x1f\x7f]{1,100}", "1 to 100 characters without line breaks and control characters")
]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    MEDICAL_EXEMPTION_SEARCH = "medical-exemption.search"


class ShepSender(SettingsModel):
    """Who a signing identity is to SHEP: goes into every message, in clear text."""

    sender_id: Annotated[Text, Field(repr=False)]
    """The sender's name that SHEP gave (senderId)."""
    password_file: Path | None = None
    """A file that holds the sender's password; a line break at its end does not count. This, `password` or neither."""
    password: SecretStr | None = None
    """The password itself: by variable only."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password_file is not None and self.password is not None:
            raise ValueError("only one of password_file and password may be given")
        return self


class StatusCodes(SettingsModel):
    """Inferred: what a status in an answer means, by its code; capital and small letters are the same."""

    success: frozenset[Code] = frozenset({"SUCCESS", "SCSS001"})
    """The service processed the request successfully."""
    nothing_found: frozenset[Code] = frozenset()
    """A search found nothing. The ministry's own code is not published: add it here once it is seen."""
    unclear: frozenset[Code] = frozenset({"FAULT015"})
    """Known codes with an unpublished meaning: the outcome is unknown. Every other code is a refusal."""

    @model_validator(mode="after")
    def _one_meaning_each(self) -> Self:
        _check_apart(
            code.casefold() for one in (self.success, self.nothing_found, self.unclear) for code in one
        )
        return self


class FaultCodes(SettingsModel):
    """Inferred: what a fault of the gateway means, by its error code. With any other code the outcome is unknown."""

    permanent: frozenset[Code] = frozenset({"SCE001", "SCE006", "SCE007", "SCE016", "SCE017"})
    """The gateway refuses the message itself (its form, its signature): a repetition cannot succeed."""
    operator: frozenset[Code] = frozenset({"SCE004", "SCE005", "SCE015"})
    """An operator must act: the service, the certificate or the sender is unknown or invalid at the gateway."""
    transient: frozenset[Code] = frozenset({"SCE909"})
    """The gateway or the receiver failed, and may have processed the message."""
    refusals: tuple[re.Pattern[str], ...] = (re.compile("WS-SECURITY is not valid"),)
    """Sentences of faults without a code that refuse the message; Herald searches the faultstring for them."""

    @model_validator(mode="after")
    def _one_meaning_each(self) -> Self:
        _check_apart(code for one in (self.permanent, self.operator, self.transient) for code in one)
        return self


def _check_apart(codes: Iterable[str]) -> None:
    if twice := sorted(code for code, times in Counter(codes).items() if times > 1):
        raise ValueError(f"{', '.join(twice)} is given more than one meaning")


class KzShepSettings(SettingsModel):
    """Everything about one SHEP gateway: where it is, who asks, whose answers are believed."""

    url: HttpUrl
    """The address of the gateway's SyncChannel. No address is public: the gateway's operator provides it."""
    probe_path: ProbePath | None = "?wsdl"
    """Inferred: what a probe requests, appended to `url`, by GET, unsigned. Any answer except 502, 503 and 504
    means that SHEP is reachable; no probe decides anything alone. `null`: no probes."""
    allow_plain_http: bool = False
    """Allow `http` in `url`, as in closed networks: sender, password and health data then pass unencrypted."""
    senders: Annotated[dict[str, ShepSender], Field(min_length=1)]
    """The SHEP account of each signing identity, by the name that events give as their `signer`."""
    signature_algorithms: TakenAlgorithms = RSA_ALONE
    """The algorithms that SHEP takes of keys that Herald signs with itself. Whether it takes any but GOST is not
    documented; `rsa-sha256` is in the samples of its integration."""
    pinned_certificates: tuple[Path, ...] = ()
    """SHEP's own certificates (PEM or DER): answers must be signed by one of them. Several, so that the next one is
    there before the old one ends."""
    verify_answers: bool = True
    """Trust only signed answers. If false, any server at the address is trusted."""
    soap: Literal["1.1", "1.2"] = "1.1"
    """The SOAP version of requests: 1.1 by the WSDL and the document's example, 1.2 by its appendix 4. Answers
    are read in both. A key that an NCANode server uses signs SOAP 1.1 alone."""
    soap_action: Action = ""
    """The action of a request: its header SOAPAction, or (1.2) the parameter `action` of its content type. The WSDL has
    an empty one."""
    service_ids: dict[str, Text] = Field(default_factory=dict)
    """By operation: the service's id in SHEP's registry, where it is not the one that its document names."""
    status_codes: StatusCodes = StatusCodes()
    """Meanings of the codes in answers."""
    fault_codes: FaultCodes = FaultCodes()
    """Meanings of the codes in faults."""
    exemption_statuses: dict[Status, Meaning] = Field(default_factory=dict)
    """What the status of an exemption means, beside UP_TO_DATE and the three words of the document (актуален,
    неактуален, отозван), or in place of them; capital and small letters are the same. Codes of the other two are not
    published: name them here once they are seen."""
    check_iin: bool = True
    """Inferred: refuse an IIN whose check digit does not fit, or whose first six digits are no birth date. Without it,
    an IIN is any 12 digits."""
    operator_errors: tuple[OperatorError, ...] = ()
    """Refusals in a signed answer that only an operator can remove, by status code (`type`) and by what the message
    says: such a submission fails, and can be replayed. The document names none; faults have `fault_codes.operator`."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: HTTP statuses of a gateway that refused the message unread, so that sending again is safe."""
    correlation: bool = True
    """Inferred: send a correlationId, the message's own id. An answer with another one then does not count as an
    answer to this message; an answer without one does."""
    answer_age: Annotated[float, Field(gt=0, le=3_155_760_000)] = 86400
    """The most seconds since an answer's responseDate: an older one was replayed, or a clock is wrong."""
    route_id: Text | None = None
    """Sent as routeId, if SHEP requires one."""
    time_zone: TimeZoneName = "Asia/Almaty"
    """messageDate is local time with its offset, by the tz database: +05:00 since 1 March 2024."""
    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust. At most 8 MB are read."""

    @property
    def envelope(self) -> Soap:
        """The version of SOAP of what is sent."""
        return SOAP_12 if self.soap == "1.2" else SOAP_11

    @field_validator("exemption_statuses")
    @classmethod
    def _one_meaning_each(cls, value: dict[str, Meaning]) -> dict[str, Meaning]:
        _check_apart(status.casefold() for status in value)
        return value

    @field_validator("service_ids")
    @classmethod
    def _known_operations(cls, value: dict[str, str]) -> dict[str, str]:
        known = [name.value for name in Name]
        if unknown := sorted(value.keys() - set(known)):
            raise ValueError(
                f"unknown operations: {', '.join(unknown)}; the operations are {', '.join(known)}"
            )
        return value

    @model_validator(mode="after")
    def _says_what_is_risked(self) -> Self:
        if self.url.scheme == "http" and not self.allow_plain_http:
            raise ValueError("url must be https, or set allow_plain_http to allow http")
        if self.url.username or self.url.password or self.url.query or self.url.fragment:
            raise ValueError("url must have neither user, password, query nor fragment")
        if self.verify_answers and not self.pinned_certificates:
            raise ValueError("give pinned_certificates, or set verify_answers to false to trust any server")
        if self.transport.max_answer_bytes > MAX_BYTES:
            raise ValueError(
                f"transport.max_answer_bytes must be at most {MAX_BYTES}: no longer answer is read"
            )
        return self
