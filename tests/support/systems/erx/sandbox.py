"""An eRx register in memory with a clock that stands, and requests to it as its documents write them."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.erx.stand_in import TEST_CLIENT, ErxRegister
from sandbox.stand_in import Answer, Request

START = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
EGN = "8621011000"  # born in 1886: nobody alive has it
NS = "http://erx.e-health.bg/ns"
TERMS = "http://terminology.e-health.bg"
PASSWORDS = {
    "erx-admin": "test-password-of-the-admin",
    "dr-ivanova": "test-password-of-ivanova",
    "dr-petrov": "test-password-of-petrov",
}


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@dataclass
class ErxClient:
    """A client of a register in memory, whose clock stands until it is moved."""

    profile: str = "2020-09"
    token_seconds: float = 3600.0
    now: datetime = START
    register: ErxRegister = field(init=False)

    def __post_init__(self) -> None:
        self.register = ErxRegister(
            now=lambda: self.now, seed=7, profile=self.profile, token_seconds=self.token_seconds
        )

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def send(self, method: str, path: str, query: str = "", body: Any = None, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.register.answer(Request(method, path, query, named, data))

    def login(self, username: str = "dr-ivanova", password: str | None = None, **changes: Any) -> Answer:
        body = login_body(username, PASSWORDS.get(username, "") if password is None else password)
        headers = {"authorization": basic(*TEST_CLIENT), **changes}
        return self.send("POST", "/auth/login", "", body, **headers)

    def token(self, username: str = "dr-ivanova") -> str:
        return json.loads(self.login(username).body)["Result"]["User"]["Token"]

    def bearer(self, username: str = "dr-ivanova") -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(username)}"}

    def issue(self, bundle: Any, query: str = "", username: str = "dr-ivanova", **headers: str) -> Answer:
        return self.send(
            "POST", "/fhirlite/prescription", query, bundle, **{**self.bearer(username), **headers}
        )

    def get(self, path: str, query: str = "", username: str = "dr-ivanova", **headers: str) -> Answer:
        return self.send("GET", path, query, **{**self.bearer(username), **headers})


def read(answer: Answer) -> Any:
    """Return the JSON of an answer in HTTP 200."""
    assert answer.status == 200
    return json.loads(answer.body)


def login_body(username: str, password: str) -> dict[str, Any]:
    credentials = [{"Type": "password", "Value": password}]
    return {"User": {"Data": [{"Username": username, "Credentials": credentials}], "Action": "LOGIN"}}


def registration_body(**changes: Any) -> dict[str, Any]:
    """Return the document's example of a registration; ``changes`` are of the user."""
    user = {
        "Username": "test77",
        "Enabled": True,
        "FirstName": "John",
        "LastName": "Doe",
        "Email": "user77@erx.example",
        "Credentials": [{"Type": "password", "Value": "a password of a test"}],
        "ClientRoles": {"erx-resource-server": ["niset_user"]},
        **changes,
    }
    practice = {"DhId": "2201928818", "OrganizationName": "ДКЦ ТЕСТ"}
    return {"Auth": {"Data": [user], "Action": "CREATE", "MedicRegRq": practice}}


def line(internal_id: str | None, part: str | None = "A0", code: str = "RF034") -> dict[str, Any]:
    """Return a medication request; with an internal identifier it is one of the older text."""
    resource: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "identifier": [],
        "medicationCodeableConcept": {
            "coding": [{"system": f"{TERMS}/CodeSystem/mc-nhif", "code": code, "display": "ТЕСТ 10MG"}]
        },
        "authoredOn": "2026-11-26T00:00:00.000Z",
        "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "J30.1"}]}],
        "dosageInstruction": [{"text": "сутрин на гладно"}],
        "dispenseRequest": {
            "dispenseInterval": {"value": 7, "unit": "days"},
            "quantity": {"value": 2, "unit": "pack"},
        },
        "substitution": {"allowedBoolean": False},
    }
    if part is not None:
        url = f"{TERMS}/Extension/bgnhif-booklet-part"
        resource["extension"] = [{"url": url, "valueString": part}]
    if internal_id is not None:
        resource["identifier"] = [{"system": f"{NS}/internal", "value": internal_id}]
        system = f"{TERMS}/CodeSystem/medication-request-category-bg"
        resource["category"] = [{"coding": [{"system": system, "code": "nhif"}]}]
    return resource


def bundle(*lines: dict[str, Any], egn: str = EGN) -> dict[str, Any]:
    """Return a lite bundle with these lines, in the order of the documents' example."""
    people = copy.deepcopy(_PEOPLE)
    people[2]["identifier"][0]["value"] = egn
    resources = [*lines, *people]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource} for resource in resources],
    }


_PEOPLE: list[dict[str, Any]] = [
    {
        "resourceType": "Practitioner",
        "identifier": [{"system": f"{NS}/uin", "value": "2300000011"}],
        "name": [{"use": "official", "family": "Иванова", "given": ["Мария"], "prefix": ["д-р"]}],
        "telecom": [{"system": "phone", "value": "0000000", "use": "work"}],
        "gender": "female",
    },
    {
        "resourceType": "PractitionerRole",
        "specialty": [{"coding": [{"system": f"{TERMS}/CodeSystem/doctor-speciality-nhif", "code": "00"}]}],
    },
    {
        "resourceType": "Patient",
        "identifier": [{"system": f"{NS}/nnbgr", "value": EGN}],
        "birthDate": "1886-01-01T00:00:00.000Z",
        "gender": "male",
        "name": [{"family": "ТЕСТОВ", "given": ["ТЕСТ", "ТЕСТОВ"]}],
    },
    {
        "resourceType": "Encounter",
        "identifier": [{"system": f"{NS}/enc-id", "value": "016024"}],
        "period": {"start": "2026-11-26T00:00:00.000Z", "end": "2026-11-26T00:10:00.000Z"},
    },
]
