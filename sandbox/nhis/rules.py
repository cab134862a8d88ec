"""The business rules of immunization (RL numbers of NHIS API Business Rules v1.0.14), free of I/O.

Each rule is a function from what was asked and what is registered to an error, or None. The sentences are
ours, but for those of RL080 and of a repeated cancellation, whose beginnings clients in production rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sandbox.nhis import identifiers
from sandbox.nhis.errors import StatedError, StatedWarning, invalid
from sandbox.nhis.ledger import ACTIVE, CANCELLED, Ledger, Registration

CANCEL_WITHIN = timedelta(days=1)
"""RL018: at the latest one day after creation. That it counts hours, not calendar days, is inferred."""

_EGN, _LNCH = "1", "2"
_BINARY_GENDERS = {"1", "2"}


@dataclass(frozen=True, slots=True)
class Patient:
    """The subject of a registration, as far as the rules look at it."""

    identifier_type: str
    identifier: str
    birth_date: date
    gender: str


@dataclass(frozen=True, slots=True)
class Application:
    """An I001 to be judged: what would be registered, and what the rules compare it with."""

    registration: Registration
    patient: Patient
    based_on: str | None
    documents: Mapping[str, date]
    """Known examinations: NRN to date (RL072)."""
    vaccine_known: bool
    pack_expires: date | None = None


Rule: TypeAlias = Callable[[Application, Ledger], StatedError | None]


def registration_errors(application: Application, ledger: Ledger) -> list[StatedError]:
    """Return every rule that an I001 breaks; a repeated LRN (RL080) is reported alone, as nothing else matters then."""
    repeated = lrn_is_new(application, ledger)
    if repeated:
        return [repeated]
    return [error for error in (rule(application, ledger) for rule in _RULES) if error]


def lrn_is_new(application: Application, ledger: Ledger) -> StatedError | None:
    """RL080: the same LRN of the same UIN names the document that exists, its NRN at the very end."""
    wanted = application.registration
    found = ledger.by_lrn(wanted.uin, wanted.lrn)
    if found is None:
        return None
    reason = f"Вече има подадена имунизация с този номер и нейният НРН е {found.nrn}"
    return invalid("immunization/lrn", reason, "RL080")


def identifier_is_valid(application: Application, _ledger: Ledger) -> StatedError | None:
    """RL001: EGN and LNCh are checked; other kinds are not."""
    patient = application.patient
    checks = {_EGN: identifiers.egn_is_valid, _LNCH: identifiers.lnch_is_valid}
    check = checks.get(patient.identifier_type)
    if check is None or check(patient.identifier):
        return None
    return invalid("subject/identifier", "Идентификаторът на пациента не е валиден.", "RL001")


def birth_date_fits(application: Application, _ledger: Ledger) -> StatedError | None:
    """RL003: the birth date is the EGN's."""
    patient = application.patient
    if not _has_egn(patient) or identifiers.egn_birth_date(patient.identifier) == patient.birth_date:
        return None
    return invalid("subject/birthDate", "Датата на раждане не отговаря на ЕГН.", "RL003")


def gender_fits(application: Application, _ledger: Ledger) -> StatedError | None:
    """RL003: a gender that is stated as male or female is the EGN's."""
    patient = application.patient
    if not _has_egn(patient) or patient.gender not in _BINARY_GENDERS:
        return None
    if identifiers.egn_gender(patient.identifier) == patient.gender:
        return None
    return invalid("subject/gender", "Полът не отговаря на ЕГН.", "RL003")


def sender_performs(application: Application, _ledger: Ledger) -> StatedError | None:
    """RL008: header.senderId is the deputy where there is one, else the practitioner."""
    registration = application.registration
    if registration.deputy is not None and registration.deputy != registration.uin:
        return invalid("performer/pmiDeputy", "Изпращачът не е посоченият заместващ или нает.", "RL008")
    if registration.deputy is None and registration.titular != registration.uin:
        return invalid("performer/pmi", "Изпращачът не е посоченият изпълнител.", "RL008")
    return None


def vaccine_exists(application: Application, _ledger: Ledger) -> StatedError | None:
    """CL037 has the vaccine: a code list, not a rule with an RL number."""
    if application.vaccine_known:
        return None
    return invalid("immunization/vaccineCode", "Кодът на ваксината не е в номенклатура CL037.", "CL037")


def course_starts_once(application: Application, ledger: Ledger) -> StatedError | None:
    """RL061: a course of a vaccine group starts once, unless a special case follows a finished one.

    That an I001 without nrnPrevImmunization is what starts a course is inferred.
    """
    wanted = application.registration
    last = _last_dose(wanted, ledger)
    if wanted.previous is not None or last is None:
        return None
    if wanted.special_case and last.completes_series:
        return None
    reason = "За ваксинационната група вече е започнат имунизационен курс."
    return invalid("immunization/vaccineCode", reason, "RL061")


def previous_is_last(application: Application, ledger: Ledger) -> StatedError | None:
    """RL062: the NRN given as the previous dose is the last one of the group's active course."""
    wanted = application.registration
    if wanted.previous is None:
        return None
    last = _last_dose(wanted, ledger)
    if last is not None and last.nrn == wanted.previous:
        return None
    reason = "Посоченият НРН не е на последната доза от активния имунизационен курс."
    return invalid("immunization/nrnPrevImmunization", reason, "RL062")


def dose_follows(application: Application, ledger: Ledger) -> StatedError | None:
    """RL063: the dose's number is greater than that of the course's last dose."""
    wanted = application.registration
    last = _last_dose(wanted, ledger)
    if wanted.previous is None or last is None or wanted.dose > last.dose:
        return None
    reason = "Номерът на дозата трябва да е по-голям от номера на последната доза от курса."
    return invalid("immunization/doseNumber", reason, "RL063")


def based_on_is_earlier(application: Application, _ledger: Ledger) -> StatedError | None:
    """RL072: the document in basedOn is of the same day or earlier; one that we do not know passes."""
    known = application.documents.get(application.based_on or "")
    if known is None or known <= application.registration.occurrence:
        return None
    reason = "Датата на документа в basedOn е по-късна от датата на имунизацията."
    return invalid("immunization/basedOn", reason, "RL072")


def may_act(registration: Registration, uin: str) -> StatedError | None:
    """RL047: only who created the record, its titular, or its deputy may act on the NRN."""
    if uin in {registration.uin, registration.titular, registration.deputy}:
        return None
    return invalid("nrnImmunization", "Нямате право на действие върху записа с този НРН.", "RL047")


def cancellation_error(registration: Registration, uin: str, now: datetime) -> StatedError | None:
    """Return why the registration cannot be cancelled: RL047, cancelled already, or RL018; else None."""
    refused = may_act(registration, uin)
    if refused:
        return refused
    if registration.status == CANCELLED:
        return invalid("nrnImmunization", "Имунизацията вече е анулирана.")
    if now - registration.created_at > CANCEL_WITHIN:
        reason = "Имунизацията може да бъде анулирана най-късно един ден след създаването на записа."
        return invalid("nrnImmunization", reason, "RL018")
    return None


def registration_warnings(application: Application) -> list[StatedWarning]:
    """Return what is registered all the same. That NHIS warns of this, and under which code, is invented."""
    expires = application.pack_expires
    if expires is None or expires >= application.registration.occurrence:
        return []
    return [StatedWarning("W001", "Срокът на годност на ваксината е изтекъл към датата на имунизацията.")]


def reaction_warnings(registration: Registration) -> list[StatedWarning]:
    """Return what is registered all the same; invented, as above."""
    if registration.status == ACTIVE:
        return []
    return [StatedWarning("W002", "Имунизацията е анулирана.", nrn=registration.nrn)]


_RULES: tuple[Rule, ...] = (
    identifier_is_valid,
    birth_date_fits,
    gender_fits,
    sender_performs,
    vaccine_exists,
    course_starts_once,
    previous_is_last,
    dose_follows,
    based_on_is_earlier,
)


def _has_egn(patient: Patient) -> bool:
    return patient.identifier_type == _EGN and identifiers.egn_is_valid(patient.identifier)


def _last_dose(wanted: Registration, ledger: Ledger) -> Registration | None:
    course = [
        item
        for item in ledger.of_patient(wanted.patient)
        if item.vaccine_group == wanted.vaccine_group and item.status == ACTIVE
    ]
    return course[-1] if course else None
