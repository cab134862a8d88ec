"""The settings of the NHIS package. What public sources do not confirm is a setting (docs/systems/nhis.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, StringConstraints, model_validator

from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, TimeZoneName, must_be
from worker.signing.taken import RSA_ALONE, TakenAlgorithms
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings

MessageCode = Annotated[str, must_be(r"[A-Z][0-9]{3}", "a capital letter and three digits, as in I011")]
UrlPath = Annotated[
    str, must_be(r"/[!-~]*", "a path that begins with /, without spaces, as in /v1/eimmunization")
]
TimeOfDay = Annotated[
    str, must_be(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", 'hours, minutes and seconds, as in "00:00:00"')
]
ListId = Annotated[str, must_be(r"CL[0-9]{3}", "CL and three digits, as in CL037")]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    REGISTER = "immunization.register"
    SEARCH = "immunization.search"
    ADVERSE_REACTION = "adverse-reaction.register"
    CANCEL = "immunization.cancel"
    CERTIFICATE = "certificate.fetch"


class Sender(SettingsModel):
    """Who a signing identity is to NHIS: goes into every message's header."""

    uin: Annotated[str, must_be(r"[0-9]{10}", "10 digits, in quotation marks")]
    """The professional's number (УИН), 10 digits."""
    sender_type: Annotated[int, Field(ge=1, le=4)] = 1
    """CL018: 1 physician, 2 dentist, 3 pharmacist, 4 NHIS."""


class Paths(SettingsModel):
    """Service paths under `api_url`. The version in them has changed from release to release."""

    register_immunization: UrlPath = "/v1/eimmunization/immunization/issue"
    """I001."""
    search: UrlPath = "/v1/eimmunization/immunization/fetch"
    """I003."""
    adverse_reaction: UrlPath = "/v1/eimmunization/immunization/addreaction"
    """I005."""
    cancel: UrlPath = "/v1/eimmunization/immunization/stornoimmunization"
    """I011."""
    certificate: UrlPath = "/v1/eimmunization/immunization/certificate"
    """I013."""
    nomenclatures: UrlPath = "/v1/nomenclatures/all/get"
    """C001."""
    vaccine_lots: UrlPath = "/v1/nomenclatures/all/vaccinelotnumber"
    """C003."""

    def of(self, name: Name) -> str:
        """Return the path of an operation."""
        return {
            Name.REGISTER: self.register_immunization,
            Name.SEARCH: self.search,
            Name.ADVERSE_REACTION: self.adverse_reaction,
            Name.CANCEL: self.cancel,
            Name.CERTIFICATE: self.certificate,
        }[name]


class NomenclaturePulls(SettingsModel):
    """When the workers pull the code lists and vaccine lots by themselves. Of several workers one does it."""

    enabled: bool = True
    """Whether the workers pull. `herald nomenclatures pull` does it once, with or without this."""
    every_hours: float = Field(default=24.0, gt=0, le=168)
    """Hours after which a list is pulled again, and up to a tenth more at random. A worker that starts pulls only what
    is older, or missing."""


class CancelCodes(SettingsModel):
    """The document draws I007/I008, the clients in production send I011/I012."""

    request: MessageCode = "I011"
    """The message that cancels."""
    answer: MessageCode = "I012"
    """The message that confirms it."""


class NhisSettings(SettingsModel):
    """Everything about one NHIS: where it is, who signs, and what is only inferred of it."""

    api_url: HttpsUrl = HttpUrl("https://ptest-api.his.bg")
    """The address of the services: by default the public test system; `https://api.his.bg` in production."""
    auth_url: HttpsUrl = HttpUrl("https://ptest-auth.his.bg/token")
    """The token service: by default the public test system; `https://auth.his.bg/token` in production."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `api_url`, by GET without a token. Any answer but a 5xx means that
    NHIS is reachable; none of them decides anything alone. `null`: no probes."""
    auth: Literal["challenge", "mtls"] = "challenge"
    """How Herald gets a token: by a signed challenge, or by the signer's certificate in the TLS handshake."""
    senders: dict[str, Sender] = Field(default_factory=dict)
    """The NHIS account of each signing identity, by the name that events give as their `signer`."""
    signature_algorithms: TakenAlgorithms = RSA_ALONE
    """The algorithms that NHIS takes in signatures. That it takes `rsa-sha256` is inferred from clients that work with
    it; what else it takes is not documented."""
    sender_is_name: Annotated[str, StringConstraints(min_length=1, max_length=255)] = "Herald"
    """Name and version of the software, as the header's senderISName."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """createdOn is local time with its offset; so is a day, where the schema declares a date and time."""
    time_of_days: TimeOfDay = "00:00:00"
    """Inferred: the time of day that is written of a day where the schema declares a date and time. The days of a
    search are written as 00:00:00 and 23:59:59."""
    content_type: Literal["application/xml; charset=utf-8", "application/xml"] = (
        "application/xml; charset=utf-8"
    )
    """The header `Content-Type` of every request. The document shows it without a charset; messages are in UTF-8
    either way."""

    paths: Paths = Paths()
    """Service paths."""
    cancel_codes: CancelCodes = CancelCodes()
    """Message types of a cancellation."""
    schema_dir: Path | None = None
    """The ministry's XSD bundle; None: the one that comes with Herald, partly inferred."""
    message_order: Literal["xsd-1.6.2", "production"] = "xsd-1.6.2"
    """The order of the elements of patient and performer, in the bundle that comes with Herald: that of the official
    schema 1.6.2, or the one that a client in production sends. Which of them NHIS takes of I001 is not known; with
    `schema_dir`, that bundle decides."""
    element_names: dict[MessageCode, dict[str, str]] = Field(default_factory=dict)
    """By message type: from Herald's name of an element (or ``parent/name``) to that in `schema_dir`."""

    never_resend: frozenset[Name] = frozenset()
    """Operations whose unknown outcomes always wait for a person, regardless of their own rule."""

    already_exists: tuple[re.Pattern[str], ...] = (re.compile(r"(?i)вече\s+има\s+подаден"),)
    """Inferred: the sentence of RL080 in other modules, looked for in an error's reason and descriptions."""
    already_cancelled: tuple[re.Pattern[str], ...] = (re.compile(r"(?i)вече\s+е\s+анулиран"),)
    """Inferred: the sentence of a repeated cancellation in other modules."""
    look_up_by: Literal["patient", "lrn"] = "patient"
    """How to ask for an immunization whose NRN is not known: by patient and day, as the document says, or by LRN; that
    NHIS searches by LRN is inferred."""
    shows_reactions: bool = False
    """Whether I004 shows an immunization's adverse reactions, as elements `reaction` with the children that I005 has.
    Unknown. With it, a reaction whose outcome is unknown is accepted where I004 shows it."""
    general_errors: frozenset[str] = frozenset({"E001"})
    """CL999 types that state no refusal when they come with a 5xx status: NHIS failed, it did not decide."""
    operator_errors: tuple[OperatorError, ...] = (OperatorError(rule="RL029"),)
    """Errors of an I099 that only an operator can remove: such a submission fails, and can be replayed. RL029 (the
    signer is not the sender that the header names) is NHIS's own rule; that an error names its rule is inferred."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses by which a gateway refuses a message unread, so that sending it again is safe. Of operations
    that are never sent twice, only 429 counts."""
    not_processed_by_operation: dict[Name, NotProcessedStatuses] = Field(default_factory=dict)
    """The same for single operations, by name, in place of `not_processed_statuses`: a 5xx for an operation
    that is never sent twice counts only here."""

    check_codes: bool = True
    """Refuse codes that a cached nomenclature does not hold."""
    check_lots: bool = True
    """Refuse lots that the cached list of vaccine lots does not hold for a vaccine it knows."""
    nomenclatures: tuple[ListId, ...] = (
        "CL006", "CL011", "CL037", "CL038", "CL040", "CL042", "CL043", "CL045", "CL046", "CL090", "CL091",
        "CL092", "CL093",
    )  # fmt: skip
    """The code lists that are pulled."""
    nomenclature_pulls: NomenclaturePulls = NomenclaturePulls()
    """When the workers pull them."""
    vaccine_lots_signer: str | None = None
    """The signer, one of `senders`, with whose token C003 is sent; without it C003 has no token, which is inferred."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust."""
    token_renewal_margin: Annotated[float, Field(ge=0)] = 300.0
    """Seconds before its end at which a token is renewed, at most half of its life."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.vaccine_lots_signer is not None and self.vaccine_lots_signer not in self.senders:
            raise ValueError("vaccine_lots_signer: there is no such name under senders")
        if self.schema_dir is not None and self.message_order != "xsd-1.6.2":
            raise ValueError("message_order: leave it out, as the bundle in schema_dir has its own order")
        return self

    def url(self, path: str) -> str:
        """Return the address of a service path."""
        return str(self.api_url).rstrip("/") + path
