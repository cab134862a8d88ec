"""The settings of the state's ESB: one section, because an installation has one ESB however many systems use it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, model_validator

from worker.setting_types import HttpsUrl, ProbePath, SettingsModel, must_be
from worker.signing.taken import RSA_ALONE, TakenAlgorithms
from worker.systems.esb.acting import Acting
from worker.transport.settings import TransportSettings

HeaderValue = Annotated[str, must_be(r"[!-~]{1,200}", "1 to 200 ASCII characters without spaces")]
ActingName = Annotated[
    str, must_be(r"[A-Za-z0-9._-]{1,100}", "a name of at most 100 letters a-z, digits and . _ -")
]

_HOSTS = frozenset({"integr-test.egov.bg", "integr-prod.egov.bg"})
"""Of the test environment and of production (confirmed)."""


def _base(url: HttpUrl) -> HttpUrl:
    """Check an address to which paths are appended."""
    if url.query is not None or url.fragment is not None or url.username or url.password:
        raise ValueError("must be an address without a user, a query (?) and a fragment (#)")
    return url


BaseUrl = Annotated[HttpsUrl, AfterValidator(_base)]


class ActingSettings(SettingsModel):
    """For whom a signer acts: headers of the token request. A wrong value acts for somebody else."""

    represented_person_id: HeaderValue | None = None
    """The person or organisation that is represented. Header `representedPersonID`."""
    correspondent_oid: HeaderValue | None = None
    """The OID of the correspondent. Header `correspondentOID`."""
    operator_id: HeaderValue | None = None
    """The person who works at the signer's information system. Header `operatorID`."""
    oid: HeaderValue | None = None
    """The OID of the information system. Header `OID`."""

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if self.acting() == Acting():
            raise ValueError(
                "at least one of represented_person_id, correspondent_oid, operator_id and oid must be given"
            )
        return self

    def acting(self) -> Acting:
        """Return the same for the port."""
        return Acting(self.represented_person_id, self.correspondent_oid, self.operator_id, self.oid)


class OrnSettings(SettingsModel):
    """The central generator of reference numbers (ORN): one installation asks as one administration for one service."""

    bulstat: Annotated[str, must_be(r"[0-9]{9}|[0-9]{13}", "9 or 13 digits, in quotation marks")]
    """The BULSTAT number of the administration that the numbers are for."""
    type_service: HeaderValue
    """The unique identifier of the service in the register of services."""
    uri_service: HeaderValue
    """The identifier of the electronic service."""
    path: Annotated[
        str, must_be(r"(/[A-Za-z0-9._-]+)+", "a path that begins with / and does not end with it")
    ] = "/orn/connector/v1/WebServiceUniqueNumber"
    """Its address under `gateway_url`."""
    scope: HeaderValue = "/orn*"
    """The scope of its tokens."""


class EsbSettings(SettingsModel):
    """The state's ESB: where it is, and as whom the signers act there."""

    token_url: BaseUrl = HttpUrl("https://integr-test.egov.bg:5050")
    """The address of the token service, without `/token`: by default that of the test environment; in production
    `https://integr-prod.egov.bg:5050`."""
    gateway_url: BaseUrl = HttpUrl("https://integr-test.egov.bg:5051")
    """The address of the gateway, without a system's path: by default that of the test environment; in production
    `https://integr-prod.egov.bg:5051`."""
    parameters: Literal["query", "form"] = "query"
    """Where the parameters of a token request stand: in the address, or in the body as a form. Public clients use both
    in production."""
    client_ids: dict[str, HeaderValue] = Field(default_factory=dict)
    """The `client_id` of signers for whom it is not the common name (CN) of their certificate."""
    acting: dict[str, dict[ActingName, ActingSettings]] = Field(default_factory=dict)
    """For whom each signer may act, by a name that events may give; no event can state the values. The name `default`
    counts where an event gives none; without it such a message acts for the signer alone."""
    introspect: bool = False
    """Ask the token service what a token states, and send that with each message as `Dp-Miscinfo`. Inferred: the
    gateway adds this header itself, as newer public clients do without it; an older one sends it."""
    orn: OrnSettings | None = None
    """Draw the reference numbers (РНУ) of eDelivery's messages without one from the state's central generator.
    Without this, Herald generates them (a UUID), as current implementations do. A response of eForms is no new service:
    its event gives the number of the request."""
    signature_algorithms: TakenAlgorithms = RSA_ALONE
    """The kinds of keys whose certificates the ESB takes in the handshake. Inferred: RSA."""
    token_renewal_margin: Annotated[float, Field(ge=0)] = 60.0
    """How many seconds before its end a token is renewed; a token of short life at the half of it."""
    probe_path: ProbePath | None = "/"
    """Inferred: what a probe asks for, under `gateway_url`, by GET without a token. Any answer except 502, 503 and 504
    means that the gateway is reachable; no probe decides anything alone. `null`: no probes."""
    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust, for all that goes over the ESB."""

    @model_validator(mode="after")
    def _one_environment(self) -> Self:
        hosts = {self.token_url.host, self.gateway_url.host}
        if hosts == _HOSTS:
            raise ValueError(
                "token_url and gateway_url: one is in production and the other in the test environment"
            )
        return self
