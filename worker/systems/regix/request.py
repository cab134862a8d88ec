"""From a submission to the messages that RegiX takes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.port import Refused
from worker.systems.regix.messages import ACKNOWLEDGE, CHECK, EXECUTE, enclosed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from contracts.regix.requests import CallContext, RequestReport
    from worker.systems.regix.catalogue import Entry
    from worker.systems.regix.messages import Messages
    from worker.systems.regix.settings import RegixSettings
    from worker.xml.builder import Values
    from worker.xml.schema_problem import SchemaProblem

CALL_ID, CODE = "call_id", "verification_code"
"""The members of `Taken.call`."""
_CONTEXT = {
    "ServiceURI": "service_uri",
    "ServiceType": "service_type",
    "EmployeeIdentifier": "employee_identifier",
    "EmployeeNames": "employee_names",
    "EmployeeAditionalIdentifier": "employee_additional_identifier",
    "EmployeePosition": "employee_position",
    "AdministrationOId": "administration_oid",
    "AdministrationName": "administration_name",
    "ResponsiblePersonIdentifier": "responsible_person_identifier",
    "LawReason": "law_reason",
    "Remark": "remark",
}


def entry_of(catalogue: Mapping[str, Entry], data: RequestReport) -> Entry:
    """Return the operation that the event names. Raises Refused where the catalogue has none of that name."""
    entry = catalogue.get(data.operation)
    if entry is None:
        message = (
            "Correct the operation: RegiX has none of this name that Herald knows. `herald regix operations` lists "
            "them; the operator adds others in the setting operations."
        )
        raise Refused(Reason.UNKNOWN_CODE, [Problem("$.data.operation", "known-operation", message)])
    return entry


def execute(
    messages: Messages,
    settings: RegixSettings,
    entry: Entry,
    data: RequestReport,
    *,
    argument: etree._Element,
    callback: str | None,
    message_id: str,
) -> bytes:
    """Return the request for a report. ``callback``: where RegiX may call, if it answers later.

    Raises Refused with every problem of the event's data.
    """
    try:
        message = messages.build(EXECUTE, _request(entry, data, callback))
    except ValueError:
        # lxml's message may quote the value; the contract has refused such characters before.
        told = Problem("$.data", "schema", "The value holds characters that XML cannot carry.")
        raise Refused(Reason.SCHEMA_VIOLATION, [told]) from None
    (place,) = message.iter("{*}Argument")
    place.append(argument)
    if problems := messages.problems(message):
        raise Refused(Reason.SCHEMA_VIOLATION, [_told(problem) for problem in problems])
    return enclosed(message, settings.envelope, url=str(settings.url), message_id=message_id)


def check_result(
    messages: Messages, settings: RegixSettings, call: Mapping[str, str], message_id: str
) -> bytes:
    """Return the request for the result of an asynchronous one."""
    return _about(CHECK, messages, settings, call, message_id)


def acknowledge(
    messages: Messages, settings: RegixSettings, call: Mapping[str, str], message_id: str
) -> bytes:
    """Return what tells RegiX that the result is safe here."""
    return _about(ACKNOWLEDGE, messages, settings, call, message_id)


def _request(entry: Entry, data: RequestReport, callback: str | None) -> Values:
    later = data.asynchronous
    return {
        "request": {
            "ServiceRequestData": {
                "RequestProcessing": "Asynchronous" if later else None,
                "Operation": entry.operation,
                "Argument": {},
                "CallContext": _context(data.context),
                "CallbackURL": callback if later else None,
                "EmployeeEGN": data.employee_egn,
                "CitizenEGN": data.citizen_egn,
                "SignResult": _flag(value=data.sign_result),
                "ReturnAccessMatrix": _flag(value=data.return_access_matrix),
            }
        }
    }


def _context(context: CallContext) -> Values:
    return {element: getattr(context, name) for element, name in _CONTEXT.items()}


def _flag(*, value: bool) -> str:
    return "true" if value else "false"


def _about(
    name: str, messages: Messages, settings: RegixSettings, call: Mapping[str, str], message_id: str
) -> bytes:
    argument = {"ServiceCallID": call[CALL_ID], "VerificationCode": call[CODE]}
    message = messages.build(name, {"argument": {"ServiceCheckResultArgument": argument}})
    return enclosed(message, settings.envelope, url=str(settings.url), message_id=message_id)


def _told(found: SchemaProblem) -> Problem:
    element = found.path.rpartition("/")[2].partition("[")[0]
    field = _CONTEXT.get(element)
    path = f"$.data.context.{_camel(field)}" if field else "$.data"
    return Problem(path, "schema", f"The value does not fit the schema: {found}.")


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
