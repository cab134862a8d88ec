"""From events to requests: whatever passes the contract passes the schema; the document's example is what is built."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schemas import shipped
from tests.support.contract_events import submission, submissions
from worker.systems.erx import request
from worker.systems.erx.checks import BodySchemas
from worker.systems.erx.operations import POSTED
from worker.systems.erx.request import offline_barcode_texts
from worker.systems.erx.settings import ErxSettings, Name
from worker.systems.port import Refused

ISSUE = "erx.prescription.issue.v1"
REGISTER = "erx.user.register.v1"
GENERATE = "erx.barcode.generate.v1"
SEARCH = "erx.prescription.search.v1"
CLIENT = {"username": "software", "password": "x"}
OLD = ErxSettings.model_validate({"api_url": "https://erx.test", "client": CLIENT})
NEW = OLD.model_copy(update={"profile": "2020-09"})
DAY = date(2020, 6, 27)
SCHEMAS = BodySchemas.load()
# Compiled apart from ours, straight from the files.
FILES = {
    Name.ISSUE: json.loads((shipped("erx") / "prescription.json").read_text(encoding="utf-8")),
    Name.REGISTER: json.loads((shipped("erx") / "registration.json").read_text(encoding="utf-8")),
}
JUDGES = {name: jsonschema.Draft202012Validator(schema) for name, schema in FILES.items()}


def test_the_documents_example_is_what_its_event_builds(document_event, document_bundle):
    built = request.body_of(submission(ISSUE, document_event).data, OLD)
    assert json.dumps(built, ensure_ascii=False) == json.dumps(document_bundle, ensure_ascii=False)
    JUDGES[Name.ISSUE].validate(document_bundle)


@pytest.mark.parametrize("schema", FILES.values(), ids=FILES)
def test_the_schemas_are_schemas(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", sorted(POSTED))
@pytest.mark.parametrize("settings", [OLD, NEW], ids=["2020-06", "2020-09"])
@hypothesis_settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_passes_the_contract_passes_the_schema(name, settings, data):
    event = data.draw(submissions(f"erx.{name.value}.v1"))
    body = request.body_of(event.data, settings)
    SCHEMAS.check(name, body)
    sent = json.loads(request.encoded(body))
    JUDGES[name].validate(sent)
    assert sent == body


@pytest.mark.parametrize("name", [name for name in Name if name not in POSTED])
@hypothesis_settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)
@given(data=st.data())
def test_whatever_passes_the_contract_makes_one_address_of_the_register(name, data):
    event = data.draw(submissions(f"erx.{name.value}.v1"))
    parts = urlsplit(request.address_of(event.data, OLD))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "erx.test", "")
    assert parts.geturl().isascii()
    assert dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))).keys() <= {
        "code", "scale", "identifier", "subject.identifier", "status", "_sort",
    }  # fmt: skip
    assert request.body_of(event.data, OLD) is None


SPOILT = {
    "no lines": lambda body: body["entry"].__delitem__(slice(0, 2)),
    "two patients": lambda body: body["entry"].append(body["entry"][4]),
    "no examination": lambda body: body["entry"].pop(),
    "no identifier in its list": lambda body: body["entry"][0]["resource"]["identifier"].clear(),
    "another identifier": lambda body: body["entry"][0]["resource"]["identifier"][0].update(system="x"),
    "another extension": lambda body: body["entry"][0]["resource"]["extension"][0].update(url="x"),
    "birth date as a date": lambda body: body["entry"][4]["resource"].update(birthDate="1872-03-15"),
    "seconds without milliseconds": lambda body: body["entry"][0]["resource"].update(
        authoredOn="2020-01-01T00:00:00Z"
    ),
    "a UIN of nine digits": lambda body: body["entry"][2]["resource"]["identifier"][0].update(value="1" * 9),
    "an unknown member": lambda body: body["entry"][3]["resource"].update(active=True),
    "a collection": lambda body: body.update(type="collection"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_the_schema_refuses_what_is_not_so(document_bundle, spoil):
    body = json.loads(json.dumps(document_bundle))
    spoil(body)
    with pytest.raises(Refused) as refused:
        SCHEMAS.check(Name.ISSUE, body)
    told = " ".join(problem.message for problem in refused.value.problems)
    assert "7223154154" not in told
    assert "at $" in told


def test_the_newer_text_has_seed_and_category_in_the_address(document_event):
    document_event |= {"seed": "3014", "bookletNumber": "1080005"}
    data = submission(ISSUE, document_event).data
    assert request.address_of(data, OLD) == "https://erx.test/fhirlite/prescription"
    assert request.address_of(data, NEW) == "https://erx.test/fhirlite/prescription?seed=3014&category=A"
    line = request.body_of(data, NEW)["entry"][0]["resource"]
    assert "category" not in line
    assert [one["value"] for one in line["identifier"]] == ["1080005"]
    older = request.body_of(data, OLD)["entry"][0]["resource"]
    assert [one["value"] for one in older["identifier"]] == ["1000007543", "1080005"]


def test_without_a_seed_the_first_lines_id_is_the_seed(document_event):
    data = submission(ISSUE, document_event).data
    assert request.address_of(data, NEW).endswith("?seed=1000007543&category=A")


@pytest.mark.parametrize(
    ("changes", "address", "coding"),
    [
        ({"seed": "sent"}, "?seed=1000007543", True),
        ({"category_as": "query"}, "?category=A", False),
        ({"profile": "2020-09", "seed": "left-out"}, "?category=A", False),
        ({"profile": "2020-09", "category_as": "coding"}, "?seed=1000007543", True),
    ],
)
def test_each_difference_can_be_set_by_itself(document_event, changes, address, coding):
    data = submission(ISSUE, document_event).data
    settings = OLD.model_copy(update=changes)
    assert request.address_of(data, settings) == f"https://erx.test/fhirlite/prescription{address}"
    assert ("category" in request.body_of(data, settings)["entry"][0]["resource"]) == coding


@pytest.mark.parametrize(
    ("category", "codes", "code"),
    [
        ("N", {}, "nhif"),
        ("A", {}, "nhif"),
        ("W", {}, "W"),
        ("W", {"W": "white"}, "white"),
        ("A", {"A": "A"}, "A"),
    ],
)
def test_a_categorys_coding(document_event, category, codes, code):
    settings = ErxSettings.model_validate({"client": CLIENT, "category_codes": codes})
    document_event["category"] = category
    line = request.body_of(submission(ISSUE, document_event).data, settings)["entry"][0]["resource"]
    assert line["category"][0]["coding"][0]["code"] == code


def test_a_white_prescription_may_lack_most(document_event):
    line = document_event["lines"][0]
    for name in ("bookletPart", "diagnosis", "substitutionAllowed"):
        del line[name]
    line["medication"] = {"list": "sathealth", "code": "PT000021", "display": "ASPIRIN C"}
    line["dosage"] = {"text": "при нужда"}
    line["dispense"] = {"quantity": {"value": 0.5, "unit": "pack"}}
    document_event |= {"category": "W", "lines": [line]}
    body = request.body_of(submission(ISSUE, document_event).data, NEW)
    SCHEMAS.check(Name.ISSUE, body)
    assert body["entry"][0]["resource"] == {
        "resourceType": "MedicationRequest",
        "medicationCodeableConcept": {
            "coding": [
                {"system": "http://sathealth.com/cs/pt_code", "code": "PT000021", "display": "ASPIRIN C"}
            ]
        },
        "authoredOn": "2020-01-01T00:00:00.000Z",
        "dosageInstruction": [{"text": "при нужда"}],
        "dispenseRequest": {"quantity": {"value": 0.5, "unit": "pack"}},
    }


def test_a_foreigner_has_another_system(document_event):
    document_event["patient"] |= {"identifierType": "lnch", "identifier": "1003000022"}
    patient = request.body_of(submission(ISSUE, document_event).data, OLD)["entry"][4]["resource"]
    assert patient["identifier"] == [{"system": "http://erx.e-health.bg/ns/bg-tpr", "value": "1003000022"}]


def test_a_registration_is_the_documents_and_names_its_password():
    body = request.body_of(submission(REGISTER).data, OLD)
    assert body == {
        "Auth": {
            "Data": [
                {
                    "Username": "dr-example",
                    "Enabled": True,
                    "FirstName": "Никой",
                    "LastName": "Измислен",
                    "Email": "dr-example@hospital.example",
                    "Credentials": [{"Type": "password", "Value": "dr-example"}],
                    "ClientRoles": {"erx-resource-server": ["niset_user"]},
                }
            ],
            "Action": "CREATE",
            "MedicRegRq": {"DhId": "2201000001", "OrganizationName": "ДКЦ Пример"},
        }
    }
    assert "ClientRoles" not in request.body_of(submission(REGISTER).data, NEW)["Auth"]["Data"][0]


@pytest.mark.parametrize(
    ("event_type", "data", "rest"),
    [
        ("erx.user.whoami.v1", {}, "/user/me"),
        (GENERATE, {"kind": "date", "code": "123123"}, "/helper/generate-date-unique-barcode?code=123123"),
        (GENERATE, {"kind": "seconds", "code": "1"}, "/helper/generate-seconds-unique-barcode?code=1"),
        (GENERATE, {"kind": "timestamp", "code": "1"}, "/helper/generate-timestamp-unique-barcode?code=1"),
        (
            "erx.barcode.image.v1",
            {"code": "ERX1592920883N00360A"},
            "/print/barcode/code128?code=ERX1592920883N00360A&scale=3",
        ),
        (
            "erx.pharmacy.search.v1",
            {"barcode": "ERXN20200423000002А"},
            "/phs/prescription?identifier=ERXN20200423000002%D0%90",
        ),
        (
            SEARCH,
            {"patient": {"identifierType": "egn", "identifier": "7223154154"}, "activeOnly": True},
            "/fhir/MedicationRequest?subject.identifier=7223154154&status=active&_sort=-_id",
        ),
        (
            SEARCH,
            {"bookletNumber": "1080005", "medicationCode": "SF083", "activeOnly": False},
            ("/fhir/MedicationRequest?identifier=http%3A%2F%2Ferx.e-health.bg%2Fns%2Fbooklet-id%7C1080005"
            "&code=SF083&_sort=-_id"),
        ),
        (
            "erx.dispensing.search.v1",
            {"barcode": "ERX1", "internalId": "7"},
            ("/fhir/MedicationDispense?identifier=ERX1"
            "&identifier=http%3A%2F%2Ferx.e-health.bg%2Fns%2Finternal%7C7&_sort=-_id"),
        ),
    ],
)  # fmt: skip
def test_addresses(event_type, data, rest):
    assert request.address_of(submission(event_type, data).data, OLD) == f"https://erx.test{rest}"


def test_the_documents_offline_barcode():
    assert offline_barcode_texts("ERXI", DAY, "60", "1000007543") == ("ERXI-20200627-60-1000007543",)


def test_the_newer_texts_barcodes():
    assert offline_barcode_texts("ERXE", DAY, "60", "1100102") == ("ERXE-20200627-60-1100102",)
    assert offline_barcode_texts("ERXE", DAY, "145", "1000", "ABC") == (
        "ERXE-20200627-145-1000-A",
        "ERXE-20200627-145-1000-B",
        "ERXE-20200627-145-1000-C",
    )
