"""The data of the accepted reply: the report as the register gave it, and what RegiX states of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from contracts.fields import Sha256, UtcTime
from contracts.model import ContractModel

State: TypeAlias = Literal["given", "empty", "absent", "no-access"]
Verdict: TypeAlias = Literal["trusted", "untrusted", "invalid", "not-checked", "absent"]


class Report(ContractModel):
    """What the register answered."""

    namespace: str | None
    """The namespace of the report's root element; null where it has none."""
    name: str
    """The name of the report's root element, as `ValidPersonResponse`."""
    xml: str
    """The report as XML, the root element alone."""


class ReportField(ContractModel):
    """One field of the report, or one that it could have."""

    name: str
    """Its path below the root element, with dots, as the access matrix has it: `PersonNames.FirstName`. Repeated
    elements have one path, and come in their order."""
    state: State
    """`given`: it has a value. `empty`: the register gave it without one. `absent`: the certificate has access to it,
    and the register gave none. `no-access`: it is absent because the certificate has no access to it. The last two
    are told only where RegiX returned its access matrix."""
    value: str | None = None
    """Its value, where it has one."""


class AccessProperty(ContractModel):
    """Whether the certificate has access to one field."""

    name: str
    """The field's path, with dots."""
    has_access: bool
    """Whether the certificate has access to it."""


class AccessMatrix(ContractModel):
    """Which fields of the report the certificate has access to, as RegiX states it."""

    name: str | None
    """The name of the report's type in RegiX."""
    has_access: bool | None
    """Whether the certificate has access to the report at all."""
    properties: tuple[AccessProperty, ...]
    """By field."""


class SignatureVerdict(ContractModel):
    """Whether the report's signature holds. RegiX signs inside its message, which does not always survive the way."""

    verdict: Verdict
    """`trusted`: it holds, and the certificate is one that the operator trusts. `untrusted`: it holds, by a certificate
    that the operator has not named. `invalid`: it does not hold. `not-checked`: it could not be checked; `detail` says
    why. `absent`: there is none."""
    detail: str | None = None
    """A plain sentence, where there is more to say."""
    algorithm: str | None = None
    """The algorithm of the signature, as XMLDSig names it."""
    certificate_sha256: Sha256 | None = None
    """SHA-256 of the certificate in the signature, hexadecimal."""
    certificate_ends: UtcTime | None = None
    """The end of that certificate's validity."""


class ReportAnswer(ContractModel):
    """The register's report. Where a person settled it, `serviceCallId` alone."""

    service_call_id: str | None = None
    """What RegiX calls the request, for its support; absent where RegiX gives none."""
    operation: str | None = None
    """The full name of the operation that RegiX was asked for."""
    report: Report | None = None
    """What the register answered; null where it is too large for a reply (see `answer`)."""
    fields: tuple[ReportField, ...] | None = None
    """The report field by field; null where they are too many for a reply (see `answer`)."""
    access_matrix: AccessMatrix | None = None
    """Which fields the certificate has access to; null where RegiX returned none, or too large for a reply."""
    signature: SignatureVerdict | None = None
    """Whether the report's signature holds."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    """Length of the whole answer."""
    sha256: Sha256 | None = None
    """SHA-256 of the whole answer, hexadecimal."""
