"""The data of a request for a report: which operation, about whom, and on which legal ground.

RegiX writes the context of each request to its log: each is a legal act of its own. So the context comes from the
event, and nothing of it from a setting.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from contracts.fields import Day, Flag
from contracts.model import ContractModel, ways
from contracts.regix.fields import CallId, ContextLine, Egn, OperationName, PersonNumber, ProductNumber

WAYS = ("argument", "xml")
"""How an operation is given its argument; exactly one of them."""


class Argument(ContractModel):
    """The argument of an operation whose shape is known. Which fields an operation takes says the rule `argument`."""

    egn: Egn | None = None
    """The person's ЕГН, for the operations of the population register (ГРАО)."""
    search_date: Day | None = None
    """The day whose address is asked for."""
    identifier: PersonNumber | None = None
    """The person's ЕГН or ЛНЧ, for НЗОК, НОИ and НЕЛК."""
    identifier_type: Literal["EGN", "LNCh"] | None = None
    """Which of the two `identifier` is, for НЗОК and НОИ: `EGN` or `LNCh`."""
    medicinal_product_identifier: ProductNumber | None = None
    """The number of a medicinal product, for НСЦРЛП."""


class CallContext(ContractModel):
    """Why and for whom the report is asked for (CallContext). RegiX keeps all of it in its log."""

    service_uri: ContextLine
    """The number of the file or of the instance of the service for which the report is needed (ServiceURI)."""
    service_type: ContextLine
    """The kind of the service (ServiceType)."""
    law_reason: ContextLine
    """The legal ground (LawReason)."""
    employee_identifier: ContextLine | None = None
    """Who asks: the employee's account or e-mail address (EmployeeIdentifier)."""
    employee_names: ContextLine | None = None
    """The employee's names (EmployeeNames)."""
    employee_additional_identifier: ContextLine | None = None
    """A further identifier of the employee (EmployeeAditionalIdentifier)."""
    employee_position: ContextLine | None = None
    """The employee's position (EmployeePosition)."""
    administration_oid: ContextLine | None = None
    """The OID of the administration that asks (AdministrationOId)."""
    administration_name: ContextLine | None = None
    """The name of the administration that asks (AdministrationName)."""
    responsible_person_identifier: ContextLine | None = None
    """Who is responsible, where requests are made automatically (ResponsiblePersonIdentifier)."""
    remark: ContextLine | None = None
    """A remark (Remark)."""


class RequestReport(ContractModel):
    """Ask a register for a report through RegiX: one operation, with its argument and the context of the request."""

    model_config = ways("oneOf", "RequestReport", *WAYS)

    operation: OperationName
    """The short name of the operation, as `ValidPersonSearch`; `herald regix operations` lists them."""
    argument: Argument | None = None
    """The argument, for the operations whose shape is known. This or `xml`."""
    xml: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The argument as XML with one root element in its own namespace, for any operation; sent as it is. This or
    `argument`."""
    context: CallContext
    """Why and for whom the report is asked for."""
    employee_egn: Egn | None = None
    """The ЕГН of the employee who asks: RegiX passes it on to the register, and does not log it (EmployeeEGN)."""
    citizen_egn: Egn | None = None
    """The ЕГН of the citizen who asks: RegiX passes it on to the register, and does not log it (CitizenEGN)."""
    sign_result: Flag = True
    """Whether RegiX is to sign the report."""
    return_access_matrix: Flag = True
    """Whether RegiX is to state which fields of the report the certificate has access to. Without it, a field that is
    absent for lack of access looks like one that the register does not have."""
    asynchronous: Flag = False
    """Whether RegiX may answer later: it then takes the request at once, and Herald asks for the report until it is
    there."""


class StatedReport(ContractModel):
    """What a person must state who found a request in the register or in RegiX's log."""

    service_call_id: CallId
