"""The settings of the NHIF package. What its specification does not say is a setting (docs/systems/nhif.md)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, HttpUrl, model_validator

from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, TimeZoneName
from worker.signing.taken import RSA_ALONE, TakenAlgorithms
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    READ = "service.read"
    SUBMIT = "document.submit"


class NhifSettings(SettingsModel):
    """Everything about NHIF's REST API: where it is, who may use it, which services it has."""

    api_url: HttpsUrl = HttpUrl("https://api-eiis-test.nhif.bg/")
    """The address of the services: by default the public test system; `https://api-eiis.nhif.bg/` in production."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `api_url`, by GET without a token. Any answer except a 5xx means that
    NHIF is reachable; no probe decides anything alone. `null`: no probes."""
    senders: tuple[str, ...] = ()
    """The signing identities that may use NHIF: each presents its own certificate in the TLS handshake."""
    signature_algorithms: TakenAlgorithms = RSA_ALONE
    """The kinds of keys whose certificates NHIF takes in the handshake. NHIF's documents ask for a qualified
    certificate and name no kind; that it takes RSA (`rsa-sha256`) is inferred."""
    catalogue_file: Path | None = None
    """The operator's own services (YAML), in addition to the included ones; its schemas are in its folder."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of NHIF's days."""

    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses of a gateway that refused the request unread, so that sending again is safe. For services
    that are never sent twice (`hold`), only 429 counts."""
    not_processed_by_operation: dict[Name, NotProcessedStatuses] = Field(default_factory=dict)
    """The same for single operations, by name, in place of `not_processed_statuses`: a 5xx for a document
    that is never sent twice counts only here."""
    refusal_statuses: frozenset[Annotated[int, Field(ge=400, le=499)]] = frozenset({400, 422})
    """Inferred: statuses by which a service states a refusal of its own; the body is its reason."""
    operator_errors: tuple[OperatorError, ...] = ()
    """Refusals that only an operator can remove, by HTTP status (`type`) and by what the body says: such a submission
    fails, and can be replayed. 401 and 403 always are; the specification names no other."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust."""

    @model_validator(mode="after")
    def _one_meaning_each(self) -> Self:
        not_processed = self.not_processed_statuses.union(*self.not_processed_by_operation.values())
        both = sorted(not_processed & self.refusal_statuses)
        if both:
            named = ", ".join(map(str, both))
            raise ValueError(f"{named}: not in both not_processed_statuses and refusal_statuses")
        return self

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return str(self.api_url).rstrip("/") + path
