"""The settings of the portal's package. Its WSDL is not public: it is the operator's (docs/systems/peu.md)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from worker.setting_types import HttpsUrl, SettingsModel, TimeZoneName, must_be
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.systems.port import Recovery
from worker.transport.settings import TransportSettings

XmlName = Annotated[
    str, must_be(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}", "a name of the WSDL: letters, digits and _ . -")
]
Username = Annotated[str, must_be(r"[^:\x00-\x1f\x7f]{1,200}", "1 to 200 characters without a colon")]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    CALL = "service.call"
    SUPPLIERS = "supplier.list"
    SUPPLIER = "supplier.read"
    SERVICES = "public-service.list"
    SERVICE = "public-service.read"


class Account(SettingsModel):
    """A user of the portal's service, as the ministry gave it (HTTP Basic Authentication)."""

    username: Username
    """The user's name."""
    password_file: Path | None = None
    """A file that holds the password; a line break at its end does not count. This or `password`."""
    password: SecretStr | None = None
    """The password itself: by variable only."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password_file is None) == (self.password is None):
            raise ValueError("exactly one of password_file and password must be given")
        return self


class OperationRule(SettingsModel):
    """What the operator declares of one operation of the WSDL."""

    recovery: Recovery = Recovery.HOLD
    """`hold`: one whose outcome is unknown waits for a person. `repeat`: the operation only reads, or may be called
    twice without harm. `same-identity` and `look-up-first` cannot be: nothing is known of a query."""

    @model_validator(mode="after")
    def _without_a_query(self) -> Self:
        if self.recovery not in {Recovery.HOLD, Recovery.REPEAT}:
            raise ValueError(
                "recovery must be hold or repeat: Herald knows no query that shows what was called"
            )
        return self


class PeuSettings(SettingsModel):
    """Everything about the portal: its service (`wsdl_file`, `users`), its register over the ESB (`senders`)."""

    wsdl_file: Path | None = None
    """The service's EgovService.wsdl, as the ministry gave it, with its XSD files in the same folder. It is not public,
    so Herald ships none: without it there is no `service.call`. Nothing is loaded from the network."""
    service: XmlName | None = None
    """The WSDL's service, where it has several."""
    port: XmlName | None = None
    """The WSDL's port, where the service has several with SOAP."""
    service_url: HttpsUrl | None = None
    """The address of the service, where it is not the one that the WSDL names (the portal has one for production and
    one for its "staging" environment; neither is public)."""
    users: dict[str, Account] = Field(default_factory=dict)
    """The users of the service, by the name that events give as their `signer`."""
    operations: dict[XmlName, OperationRule] = Field(default_factory=dict)
    """The operations that differ from `hold`, by their names in the WSDL."""
    refusal_codes: frozenset[str] = frozenset({"Client", "Sender"})
    """Inferred: the codes of SOAP faults by which the service states a refusal. A fault that the WSDL declares for the
    operation is always a refusal. Any other says nothing of whether the call was processed."""
    operator_errors: tuple[OperatorError, ...] = ()
    """Refusals that only an operator can remove, by the fault's code (`type`) and by what it says."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses of a gateway that refused the request unread, so that sending again is safe. For calls that
    are never sent twice (`hold`), only 429 counts."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of the portal's days."""

    senders: tuple[str, ...] = ()
    """The signing identities that may read the portal's register: each shows its own certificate to the ESB, whose
    settings are in the section `esb`."""
    register_path: Annotated[str, must_be(r"/[!-~]{1,200}", "a path that begins with /")] = "/epdeau/"
    """The register's path at the ESB. Confirmed by a public client, which uses it at a port of its own (5056)."""
    register_url: HttpsUrl | None = None
    """The register's address in place of the ESB's gateway with `register_path`: `https://integr-prod.egov.bg:5056/epdeau/`
    in that client."""
    register_scope: str = "/epdeau*"
    """The scope of the token for the register."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust, for the service."""

    @model_validator(mode="after")
    def _something_to_serve(self) -> Self:
        if self.wsdl_file is None and (self.users or not self.senders):
            raise ValueError(
                "wsdl_file: give the EgovService.wsdl that the ministry gave you, since it is not public; "
                "without it only the register can be read (senders)"
            )
        if self.wsdl_file is not None and not self.users:
            raise ValueError("users: name at least one user of the service")
        return self
