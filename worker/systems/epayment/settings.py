"""The settings of the ePayments package. What its sources leave open is a setting (docs/systems/epayment.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, IPvAnyNetwork, SecretStr, model_validator

from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, TimeZoneName, must_be
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings

ClientId = Annotated[str, must_be(r"[!-~]{1,100}", "1 to 100 ASCII characters without spaces")]
CurrencyCode = Annotated[str, must_be(r"[A-Z]{3}", "a currency's code of three capital letters, as EUR")]
Line = Annotated[str, must_be(r"[^\s](.{0,98}[^\s])?", "1 to 100 characters, without spaces around them")]
Bic = Annotated[str, must_be(r"[A-Z0-9]{8}([A-Z0-9]{3})?", "8 or 11 capital letters and digits")]
Iban = Annotated[
    str, must_be(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", "an IBAN: capital letters and digits, without spaces")
]
ConnectorPath = Annotated[
    str, must_be(r"(/[A-Za-z0-9._-]+)+", "a path that begins with / and does not end with it")
]
Scope = Annotated[str, must_be(r"[!-~]{1,100}", "1 to 100 ASCII characters without spaces")]
ObligationType = Annotated[str, must_be(r"[1-9][0-9]{0,8}", "a whole number above zero, in quotation marks")]

_ALREADY_THERE = re.compile(r"(?i)request with corresponding aisPaymentId has status")
_BY_REPETITION = (
    _ALREADY_THERE,
    re.compile(r"(?i)PaymentReferenceNumber'? (is already present|validation failed)"),
    re.compile(r"(?i)със същия референтен номер вече съществува"),
    re.compile(r"(?i)PaymentRequestExpirationDate' should be greater"),
)


def _base(url: HttpUrl) -> HttpUrl:
    """Check an address to which paths are appended."""
    if url.query is not None or url.fragment is not None or url.username or url.password:
        raise ValueError("must be an address without a user, a query (?) and a fragment (#)")
    return url


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    REQUEST = "payment.request"
    REQUEST_EXTENDED = "payment.request-extended"
    STATUS = "payment.status"
    SEARCH = "payment.search"
    SUSPEND = "payment.suspend"
    SET_PAID = "payment.set-paid"
    ACCESS_CODE = "access-code.read"


class Provider(SettingsModel):
    """Who is paid, and to which account: what the system has registered for the client."""

    name: Line
    """The name of the administration or hospital. ePayments `serviceProviderName`."""
    bank: Line
    """The name of its bank. ePayments `serviceProviderBank`."""
    bic: Bic
    """The BIC of its bank. ePayments `serviceProviderBIC`."""
    iban: Iban
    """Its account. The system refuses any other than the one that it has for this client. ePayments
    `serviceProviderIBAN`."""


class Client(SettingsModel):
    """One client of ePayments: an information system that was given an identifier and a secret."""

    client_id: ClientId
    """The client's identifier. ePayments `clientId`."""
    secret_file: Path | None = None
    """A file that holds the client's secret; a line break at its end does not count. This or `secret`."""
    secret: SecretStr | None = None
    """The secret itself: by variable only."""
    provider: Provider | None = None
    """Who is paid by requests of this client; `payment.request` needs it."""

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret_file is None) == (self.secret is None):
            raise ValueError("exactly one of secret_file and secret must be given")
        return self


class Sender(SettingsModel):
    """One signer over the state's ESB, which knows it by its certificate."""

    service_cid: ClientId
    """The client of ePayments that its payment requests are paid to. Header `Service-Cid`."""


class ConnectorSettings(SettingsModel):
    """The connector of ePayments at the state's ESB."""

    path: ConnectorPath = "/ep/connector/v1"
    """What its addresses begin with, under `esb.gateway_url`."""
    scope: Scope = "/ep*"
    """The scope of its tokens."""
    refusal_statuses: frozenset[Annotated[int, Field(ge=400, le=599)]] = frozenset({400, 404, 409, 422})
    """Inferred: the HTTP statuses with which the ESB's own error is a refusal, if it asks for no wait. With any other
    status it leaves the outcome unknown."""


class EpaymentSettings(SettingsModel):
    """Everything about ePayments: where it is, who asks, and what is only inferred of it."""

    access: Literal["direct", "esb"] = "direct"
    """How all signers reach ePayments: `direct` with the forms that `clients` sign, or `esb` with the connector of the
    state's ESB (section `esb`), to which `senders` show their certificates."""

    service_url: Annotated[HttpsUrl, AfterValidator(_base)] = HttpUrl("https://pay-test.egov.bg:44310")
    """The address of the services, without `/api/v1/eService`: by default the public test system. That of production
    is not public; the system's operator states it."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `service_url`, by GET without a signature. Any answer except a 5xx means
    that the system is reachable; no probe decides anything alone. `null`: no probes."""
    clients: dict[str, Client] = Field(default_factory=dict)
    """The clients, by the name that events give as their `signer`; with `access: esb` they serve only to check the HMAC
    of calls."""
    senders: dict[str, Sender] = Field(default_factory=dict)
    """With `access: esb`: who sends, by the name that events give as their `signer`."""
    connector: ConnectorSettings = ConnectorSettings()
    """With `access: esb`: where the connector is, and how its errors are read."""
    currency: CurrencyCode = "EUR"
    """Inferred: the currency of a payment request whose event names none. The public sources are older than the euro
    in Bulgaria (2026)."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of the system's days, and of the expiry that is sent."""

    notification_url_file: Path | None = None
    """A file that holds the public address of Herald's receiver for this system, with its secret part: the system calls
    it when a status changes. Without it no calls are asked for."""
    unsigned_callback_networks: tuple[IPvAnyNetwork, ...] = ()
    """The networks of the system from which a call without HMAC is taken (types of obligation with algorithm 1 have
    none). Such a call is never believed: Herald asks the system for the status. Empty: all are refused."""

    never_resend_obligation_types: frozenset[ObligationType] = frozenset()
    """Types of obligation whose payment requests are never sent a second time by Herald. For those with algorithm 2 the
    public server makes a new request each time, and lets the earlier ones expire."""
    already_exists: tuple[re.Pattern[str], ...] = (_ALREADY_THERE,)
    """Errors of a refused payment request which say that the system has one with this `aisPaymentId`. A look-up
    confirms it."""
    refusals_by_repetition: tuple[re.Pattern[str], ...] = _BY_REPETITION
    """Inferred: errors of a refused payment request that an earlier, unanswered attempt of it may have caused. Any
    other error would have met the earlier attempt too."""
    look_up_page_size: Annotated[int, Field(ge=1, le=1000)] = 200
    """Inferred: how many of a payer's payment requests one look-up may show. Where there are more, a person decides."""
    operator_errors: tuple[OperatorError, ...] = ()
    """Errors that only an operator can remove: such a submission fails, and can be replayed. Those of the public
    server that name the client's account or its rights always are."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses by which a gateway refuses a message unread, so that sending it again is safe."""

    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust."""

    @model_validator(mode="after")
    def _one_signer_each(self) -> Self:
        ids = [client.client_id for client in self.clients.values()]
        if len(set(ids)) != len(ids):
            raise ValueError("clients: each client_id may stand only once, as a call names its client by it")
        services = [sender.service_cid for sender in self.senders.values()]
        if len(set(services)) != len(services):
            raise ValueError(
                "senders: each service_cid may stand only once, as a call names its client by it"
            )
        return self

    def sender_of(self, client_id: str) -> str | None:
        """Return the sender whose service this client is."""
        return next((name for name, one in self.senders.items() if one.service_cid == client_id), None)

    def url(self, method: str) -> str:
        """Return the address of a method."""
        return f"{str(self.service_url).rstrip('/')}/api/v1/eService/{method}"
