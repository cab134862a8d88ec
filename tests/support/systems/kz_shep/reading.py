"""Reading an answer of SHEP as the worker does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.kz_shep.results import FoundMedicalExemptions
from tests.support.contract_events import submission
from tests.support.systems.kz_shep.answers import XSI, answer, error
from worker.outcome import Accepted
from worker.systems.kz_shep.interpret import Asked, Rules, interpret
from worker.systems.kz_shep.medical_exemption import SERVICE
from worker.systems.kz_shep.settings import FaultCodes, StatusCodes
from worker.systems.kz_shep.trust import Trust

SEARCH = "kz-shep.medical-exemption.search.v1"
NOW = datetime.now(UTC)
GARBLED = '<data xmlns="http://www.w3.org/2001/XMLSchema-instance" type="xsd:string">'


def start(named):
    return f'<data xmlns:q="urn:other" xmlns:xsi="{XSI}" xsi:type="{named}">'


def nested(codes):
    inner = ""
    for code in reversed(codes):
        inner = error(code, inner)
    return inner


def rules(trust=None, **changes):
    return Rules(
        changes.get("status_codes", StatusCodes()),
        changes.get("fault_codes", FaultCodes()),
        frozenset({429, 503}),
        timedelta(days=1),
        (trust or Trust(None, now=lambda: NOW)).problem,
    )


def reading(pinned):
    """Return what reads an answer to a search by IIN, or by other data."""

    def read(body, status_code=200, *, asked=None, trust=pinned, service=SERVICE, **changes):
        got = answer(body, status_code) if isinstance(body, str | bytes) else body
        to = Asked(submission(SEARCH, asked).data, "ours")
        return interpret(service, to, got, rules(trust, **changes), NOW)

    return read


def accepted(body, read, **options):
    outcome = read(body, **options)
    assert isinstance(outcome, Accepted), outcome
    model = FoundMedicalExemptions.model_validate(outcome.data, by_alias=True, by_name=False)
    assert model.model_dump(by_alias=True, exclude_unset=True, mode="json") == outcome.data
    return outcome.data
