"""The addresses, namespaces, actions and element orders of RegiX V2, as its public source and clients have them."""

from __future__ import annotations

PATH = "/RegiXEntryPointV2.svc"
BASIC_PATH = f"{PATH}/basic"
MAX_BYTES = 26_214_400
"""`maxReceivedMessageSize` of the real endpoints."""

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
NIL = f"{{{XSI}}}nil"

REGIX = "http://egov.bg/RegiX"
SIGNED = "http://egov.bg/RegiX/SignedData"
INVENTED = "urn:herald:sandbox:invented:regix"
"""The namespace of answers whose real form this sandbox does not know."""

EXECUTE, CHECK, ACKNOWLEDGE, CALLBACK = (
    "Execute",
    "CheckResult",
    "AcknowledgeResultReceived",
    "ExecuteCallback",
)
ACTION = f"{REGIX}/IRegiXEntryPointV2/"
ACTIONS = {f"{ACTION}{name}": name for name in (EXECUTE, CHECK, ACKNOWLEDGE)}
"""The SOAP action of each operation that a consumer may call."""
ARGUMENT = {
    EXECUTE: ("request", "ServiceRequestData"),
    CHECK: ("argument", "ServiceCheckResultArgument"),
    ACKNOWLEDGE: ("argument", "ServiceCheckResultArgument"),
}
"""The parameter's element, of `REGIX`, and the one within it, of `SIGNED`."""

REQUEST_ORDER = (
    "RequestProcessing",
    "ResponseProcessing",
    "Operation",
    "Argument",
    "EIDToken",
    "CallContext",
    "CallbackURL",
    "EmployeeEGN",
    "CitizenEGN",
    "SignResult",
    "ReturnAccessMatrix",
)
REQUEST_REQUIRED = frozenset({"Operation", "Argument", "CallContext", "SignResult", "ReturnAccessMatrix"})
CONTEXT_ORDER = (
    "ServiceURI",
    "ServiceType",
    "EmployeeIdentifier",
    "EmployeeNames",
    "EmployeeAditionalIdentifier",
    "EmployeePosition",
    "AdministrationOId",
    "AdministrationName",
    "ResponsiblePersonIdentifier",
    "LawReason",
    "Remark",
)
CONTEXT_REQUIRED = frozenset({"ServiceURI", "ServiceType", "LawReason"})
CHECK_ORDER = ("ServiceCallID", "VerificationCode")

REQUEST_FLAGS = frozenset({"Verify", "Decrypt", "TransformFromPDF", "Asynchronous"})
RESPONSE_FLAGS = frozenset({"Encrypt", "TransformToPDF"})


def signed(name: str) -> str:
    """Return a name in the namespace of the data."""
    return f"{{{SIGNED}}}{name}"


def regix(name: str) -> str:
    """Return a name in the namespace of the operations."""
    return f"{{{REGIX}}}{name}"
