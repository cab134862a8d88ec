"""The effect of each message on the ledger, and its answer; `handler.py` has checked the message before."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from sandbox.nhis import rules
from sandbox.nhis.answers import Node, respond
from sandbox.nhis.certificate import certificate_pdf
from sandbox.nhis.errors import GENERAL, Refused, StatedError, invalid
from sandbox.nhis.ledger import ACTIVE, CANCELLED, Blocks, Registration, pseudonym
from sandbox.nhis.message import Message
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from sandbox.nhis.state import State

Handle: TypeAlias = Callable[["State", Message], Answer]


@dataclass(frozen=True, slots=True)
class Service:
    """One service path: its messages, and whether they must carry a token and a signature."""

    handlers: Mapping[str, Handle]
    protected: bool = True


def register(state: State, message: Message) -> Answer:
    """I001 → I002; with a certificate number when the dose completes its series."""
    application = _application(state, message)
    errors = rules.registration_errors(application, state.ledger)
    if errors:
        raise Refused(errors)
    done = state.ledger.register(application.registration)
    contents: list[Node] = [("nrnImmunization", done.nrn), ("lrn", done.lrn), ("status", done.status)]
    contents += _certificate_number(done)
    warnings = rules.registration_warnings(application)
    return respond("I002", contents, message, state.clock.now(), warnings=warnings)


def search(state: State, message: Message) -> Answer:
    """I003 → I004, by NRN, patient and dates in combination, or by the sender's own LRN; nothing found is an answer.

    That any physician may search (RL081 not applied) is inferred, and so is that reactions are shown.
    """
    found = _searched(state, message)
    contents: list[Node] = [("foundNumber", str(len(found)))]
    contents += [("results", _result(state, item)) for item in found]
    return respond("I004", contents, message, state.clock.now())


def react(state: State, message: Message) -> Answer:
    """I005 → I006. RL047 holds for it as for any action on an NRN (inferred), and so is the reaction's number."""
    registration = _named(state, message)
    uin = message.header("senderId")
    error = rules.may_act(registration, uin)
    if error:
        raise Refused([error])
    start = message.value("reaction/reactionStartDate") or ""
    number = state.ledger.react(
        registration.nrn,
        uin,
        start,
        message.id,
        state.clock.now(),
        block=message.element("reaction"),
    )
    contents: list[Node] = [("nrnImmunization", registration.nrn), ("status", registration.status)]
    contents.append(("nrnReaction", number))
    warnings = rules.reaction_warnings(registration)
    return respond("I006", contents, message, state.clock.now(), warnings=warnings)


def cancel(state: State, message: Message) -> Answer:
    """I011 → I012; I007 → I008 is the same under the names of the specification's diagram."""
    registration = _named(state, message)
    uin, now = message.header("senderId"), state.clock.now()
    error = rules.cancellation_error(registration, uin, now)
    if error:
        raise Refused([error])
    state.ledger.cancel(registration, uin, message.id, now)
    contents: list[Node] = [("nrnImmunization", registration.nrn), ("status", CANCELLED)]
    return respond({"I011": "I012", "I007": "I008"}[message.type], contents, message, now)


def certificate(state: State, message: Message) -> Answer:
    """I013 → I014: PDFs in base64, of the named immunization or of all the patient's, the newest first."""
    found = [item for item in _certified(state, message) if item.status == ACTIVE and item.uvci]
    if not found:
        raise Refused([StatedError(GENERAL, "Няма издаден сертификат за посочените данни.")])
    contents: list[Node] = []
    for number in (item.uvci or "" for item in reversed(found)):
        content = base64.b64encode(certificate_pdf(number)).decode("ascii")
        contents += [("certificate", content), ("uvci", number)]
    return respond("I014", contents, message, state.clock.now())


def nomenclatures(state: State, message: Message) -> Answer:
    """C001 → C002: whole lists; updateDate is read and ignored."""
    wanted = message.values("nomenclatureId")
    unknown = [item for item in wanted if item not in state.nomenclatures]
    if unknown:
        raise Refused([invalid("nomenclatureId", f"Няма номенклатура {item}.") for item in unknown])
    contents: list[Node] = [("nomenclature", _list(state, item)) for item in wanted]
    return respond("C002", contents, message, state.clock.now())


def vaccine_lots(state: State, message: Message) -> Answer:
    """C003 → C004: invented lots of the named vaccines, or of all."""
    now = state.clock.now()
    contents: list[Node] = [
        (
            "vaccineLot",
            [
                ("vaccineCode", lot.vaccine_code),
                ("lotNumber", lot.number),
                ("expirationDate", lot.expires.isoformat()),
            ],
        )
        for lot in state.nomenclatures.lots(message.values("vaccineCode"), now.date())
    ]
    return respond("C004", contents, message, now)


_IMMUNIZATION = "/v1/eimmunization/immunization"
SERVICES: Mapping[str, Service] = {
    f"{_IMMUNIZATION}/issue": Service({"I001": register}),
    f"{_IMMUNIZATION}/fetch": Service({"I003": search}),
    f"{_IMMUNIZATION}/addreaction": Service({"I005": react}),
    f"{_IMMUNIZATION}/stornoimmunization": Service({"I011": cancel, "I007": cancel}),
    f"{_IMMUNIZATION}/certificate": Service({"I013": certificate}),
    "/v1/nomenclatures/all/get": Service({"C001": nomenclatures}, protected=False),
    "/v1/nomenclatures/all/vaccinelotnumber": Service({"C003": vaccine_lots}, protected=False),
}
"""By service path; that C003 needs neither token nor signature, as C001, is inferred."""

REQUEST_TYPES = ("S001", *(name for service in SERVICES.values() for name in service.handlers))
"""Every message type that a client may send."""


def _application(state: State, message: Message) -> rules.Application:
    value = message.value
    vaccine = value("immunization/vaccineCode") or ""
    patient = rules.Patient(
        value("subject/identifierType") or "",
        value("subject/identifier") or "",
        _day(message, "subject/birthDate"),
        value("subject/gender") or "",
    )
    return rules.Application(
        registration=_registration(state, message, patient, vaccine),
        patient=patient,
        based_on=value("immunization/basedOn"),
        documents=state.documents,
        vaccine_known=state.nomenclatures.knows_vaccine(vaccine),
        pack_expires=_date(message, "immunization/expirationDate"),
    )


def _registration(state: State, message: Message, patient: rules.Patient, vaccine: str) -> Registration:
    value = message.value
    return Registration(
        lrn=value("immunization/lrn") or "",
        uin=message.header("senderId"),
        titular=value("performer/pmi") or "",
        deputy=value("performer/pmiDeputy"),
        patient=pseudonym(patient.identifier_type, patient.identifier),
        vaccine=vaccine,
        vaccine_group=state.nomenclatures.vaccine_group(vaccine),
        dose=_number(message, "immunization/doseNumber") or 1,
        series_doses=_number(message, "immunization/seriesDoses"),
        previous=value("immunization/nrnPrevImmunization"),
        special_case=message.flag("immunization/isSpecialCase"),
        occurrence=_day(message, "immunization/occurrence"),
        message_id=message.id,
        created_at=state.clock.now(),
        blocks=_blocks(message),
    )


def _blocks(message: Message) -> Blocks:
    found = [message.element(name) for name in ("immunization", "subject", "performer")]
    present = [element for element in found if element is not None]
    if len(present) != len(found):
        raise Refused([invalid("contents", "Липсва задължителен блок.")])
    return Blocks(*present)


def _named(state: State, message: Message) -> Registration:
    registration = state.ledger.by_nrn(message.value("nrnImmunization"))
    if registration is None:
        raise Refused([invalid("nrnImmunization", "Няма имунизация с този НРН.")])
    return registration


def _searched(state: State, message: Message) -> list[Registration]:
    nrn, lrn = message.value("nrnImmunization"), message.value("lrn")
    if lrn is not None:
        found = state.ledger.by_lrn(message.header("senderId"), lrn)
        return [found] if found else []
    start = _date(message, "fromDate") or date.min
    end = _date(message, "toDate") or date.max
    by_patient = message.value("identifier") is not None
    if nrn is None and not by_patient:
        raise Refused([invalid("contents", "Липсва критерий за търсене.")])
    candidates: Sequence[Registration] = _patients(state, message)
    if nrn is not None:
        named = state.ledger.by_nrn(nrn)
        candidates = [named] if named is not None and (not by_patient or named in candidates) else []
    return [item for item in candidates if start <= item.occurrence <= end]


def _certified(state: State, message: Message) -> Sequence[Registration]:
    nrn, uvci = message.value("nrnImmunization"), message.value("uvci")
    if nrn is not None:
        return [_named(state, message)]
    if uvci is not None:
        found = state.ledger.by_uvci(uvci)
        return [found] if found else []
    return _patients(state, message)


def _patients(state: State, message: Message) -> Sequence[Registration]:
    value = message.value
    return state.ledger.of_patient(pseudonym(value("identifierType") or "", value("identifier") or ""))


def _result(state: State, item: Registration) -> Sequence[Node]:
    immunization: list[Node] = [("nrnImmunization", item.nrn), ("status", item.status)]
    immunization += _certificate_number(item)
    immunization += list(item.blocks.immunization.iterchildren("{*}*"))
    reactions = state.ledger.reaction_blocks[item.nrn]
    return [("immunization", immunization), item.blocks.subject, item.blocks.performer, *reactions]


def _certificate_number(item: Registration) -> list[Node]:
    return [("uvci", item.uvci)] if item.uvci else []


def _list(state: State, list_id: str) -> list[Node]:
    nodes: list[Node] = [("nomenclatureId", list_id)]
    for entry in state.nomenclatures.entries(list_id):
        children: list[Node] = [("key", entry["key"]), ("description", entry["description"])]
        children += [("meta", [("name", k), ("value", v)]) for k, v in entry.get("meta", {}).items()]
        nodes.append(("entry", children))
    return nodes


def _date(message: Message, path: str) -> date | None:
    text = message.value(path)
    try:
        return date.fromisoformat(text[:10]) if text else None  # xs:date may carry a time zone
    except ValueError as error:  # xs:date knows years that no person lives in
        raise Refused([invalid(path, "Датата е извън допустимите граници.")]) from error


def _day(message: Message, path: str) -> date:
    found = _date(message, path)
    if found is None:
        raise Refused([invalid(path, "Липсва дата.")])
    return found


def _number(message: Message, path: str) -> int | None:
    text = message.value(path)
    try:
        return int(text) if text else None
    except ValueError as error:  # xs:positiveInteger has no end
        raise Refused([invalid(path, "Числото е извън допустимите граници.")]) from error
