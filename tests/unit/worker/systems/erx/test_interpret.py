"""The table of answers: what each means, hostile ones among them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.support.contract_events import submission
from tests.support.erx_answers import framed, jwt, refused, searchset, user

from herald.contracts.reasons import Reason
from herald.contracts.registry import EVENT_TYPES
from herald.worker.outcome import Accepted, Blocked, Rejected, Retry, StatedError, Unknown
from herald.worker.systems.erx.expectations import expected_of, rules_of
from herald.worker.systems.erx.interpret import interpret
from herald.worker.systems.erx.operations import Name
from herald.worker.systems.erx.settings import ErxSettings
from herald.worker.transport.port import Answer

ISSUE, WHO = "prescription.issue", "user.whoami"
UNEXPECTED, UNREADABLE = "unexpected-message", "unreadable-answer"
NOW = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
OLD = ErxSettings.model_validate({"client": {"username": "software", "password": "x"}})
NEW = OLD.model_copy(update={"profile": "2020-09"})
TOKEN = jwt(sub="88", iat=1, exp=2)
DOCUMENT = json.loads((Path(__file__).parent / "document_answer.json").read_text(encoding="utf-8"))
HTML = b"<html><head><title>404 Not Found</title></head><body>nginx</body></html>"
PNG = b"\x89PNG\r\n\x1a\n..."
LINE = {
    "resourceType": "MedicationRequest",
    "id": "68",
    "identifier": [{"system": "http://erx.e-health.bg/ns/internal", "value": "1000007543"}],
}


def read(name, status, body, *, headers=None, truncated=False, settings=OLD, data=None):
    event = submission(f"erx.{name}.v1", data)
    answer = Answer(status, headers or {}, body if isinstance(body, bytes) else framed(body), truncated)
    expected = expected_of(Name(name), event.data, settings, token=TOKEN, answer=answer, now=NOW)
    return interpret(expected, answer, rules_of(settings), NOW)


def document(change=lambda _: None):
    """The document's answer to a prescription, changed."""
    answer = copy.deepcopy(DOCUMENT)
    change(answer["Result"])
    return json.dumps(answer, ensure_ascii=False).encode()


def first(status=None, location=None):
    def change(result):
        response = result["T1"]["Entry"][0]["Response"]
        response |= {name: value for name, value in (("Status", status), ("Location", location)) if value}

    return change


# The document's sample of a login that failed, as it is printed: it lacks colons, so it is no JSON.
PRINTED = (
    '{"Result": null,"Success": false,"Errors" [{"Message" "Грешно потребителско име или парола"}]}'.encode()
)
DEEP = b'{"Success": true, "Errors": [], "Result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

TABLE = [
    # (what came, operation, status, body, outcome, reason)
    ("a user", WHO, 200, framed(user()), Accepted, None),
    ("a user in other letters", WHO, 200, framed(user()).replace(b"Success", b"success"), Accepted, None),
    ("after a byte order mark", WHO, 200, b"\xef\xbb\xbf" + framed(user()), Accepted, None),
    ("no errors at all", WHO, 200, json.dumps({"result": user(), "success": True}).encode(), Accepted, None),
    ("201", "user.register", 201, framed(user()), Accepted, None),
    ("the document's prescription", ISSUE, 200, document(), Accepted, None),
    ("a Cyrillic OK", ISSUE, 200, document(first(status="200 ОК")), Accepted, None),
    ("a new line", ISSUE, 200, document(first(status="201 Created")), Accepted, None),
    ("another user", "user.register", 200, framed(user(Username="other")), Unknown, UNEXPECTED),
    ("another e-mail", "user.register", 200, framed(user(Email="a@b")), Unknown, UNEXPECTED),
    ("a user without a number", WHO, 200, framed(user(Id=None)), Unknown, UNEXPECTED),
    ("a user whose number is true", WHO, 200, framed(user(Id=True)), Unknown, UNEXPECTED),
    ("success of nothing", WHO, 200, framed(None), Unknown, UNEXPECTED),
    ("success of a text", ISSUE, 200, framed("done"), Unknown, UNEXPECTED),
    ("success with errors", WHO, 200, framed(user(), errors=[{}]), Unknown, UNEXPECTED),
    (
        "success with an error that is no list",
        WHO,
        200,
        framed(user(), errors=[])[:-3] + b'{"Message":"x"}}',
        Unknown,
        UNEXPECTED,
    ),
    (
        "success with an error as text",
        WHO,
        200,
        framed(user(), errors=[])[:-3] + b'"boom"}',
        Unknown,
        UNEXPECTED,
    ),
    ("success with an empty text", WHO, 200, framed(user(), errors=[])[:-3] + b'""}', Accepted, None),
    (
        "success with errors in the second of two lists",
        WHO,
        200,
        framed(user(), errors=[])[:-1] + b',"errors":[{}]}',
        Unknown,
        UNEXPECTED,
    ),
    ("no success at 408", ISSUE, 408, refused("x"), Unknown, "server-error"),
    ("no success at 302", ISSUE, 302, refused("x"), Blocked, "configuration"),
    ("no success at 100", ISSUE, 100, refused("x"), Unknown, UNEXPECTED),
    ("no success at 600", ISSUE, 600, refused("x"), Unknown, UNEXPECTED),
    ("no success at 201, of a user", WHO, 201, framed(user(), success=False), Unknown, UNEXPECTED),
    ("a refusal at 422", ISSUE, 422, refused("x"), Rejected, None),
    ("success as text", WHO, 200, framed(user(), success="true"), Unknown, UNREADABLE),
    ("success as 1", WHO, 200, framed(user(), success=1), Unknown, UNREADABLE),
    ("success twice, in two cases", WHO, 200, b'{"Success":true,"success":false}', Unknown, UNREADABLE),
    ("success twice", WHO, 200, b'{"Success":true,"Success":false}', Unknown, UNREADABLE),
    ("no success", WHO, 200, json.dumps({"Result": user()}).encode(), Unknown, UNREADABLE),
    ("another prescription's answer", ISSUE, 200, framed(user()), Unknown, UNEXPECTED),
    ("an entry less", ISSUE, 200, document(lambda r: r["T1"]["Entry"].pop()), Unknown, UNEXPECTED),
    (
        "an entry more",
        ISSUE,
        200,
        document(lambda r: r["T1"]["Entry"].append(r["T1"]["Entry"][0])),
        Unknown,
        UNEXPECTED,
    ),
    ("a line that failed", ISSUE, 200, document(first(status="412 Precondition")), Unknown, UNEXPECTED),
    (
        "a line without a status",
        ISSUE,
        200,
        document(lambda r: r["T1"]["Entry"][0].clear()),
        Unknown,
        UNEXPECTED,
    ),
    ("a line that is none", ISSUE, 200, document(first(location="Patient/1")), Unknown, UNEXPECTED),
    (
        "lines of another prescription",
        ISSUE,
        200,
        document().replace(b"1000007543", b"1000007549"),
        Unknown,
        UNEXPECTED,
    ),
    ("no T1", ISSUE, 200, document(lambda r: r.pop("T1")), Unknown, UNEXPECTED),
    (
        "wrong password",
        WHO,
        200,
        refused("Грешно потребителско име или парола", Key="{user.login.failed}"),
        Rejected,
        None,
    ),
    (
        "an accidental failure in English",
        ISSUE,
        200,
        refused("Internal Server Error"),
        Unknown,
        "server-error",
    ),
    ("an old token in English", WHO, 200, refused("Unauthorized"), Retry, "token-refused"),
    ("who is unauthorized to do what", WHO, 200, refused("Unauthorized to prescribe"), Rejected, None),
    ("a refusal at 400", ISSUE, 400, refused("Грешен формат на заявката"), Rejected, None),
    ("a refusal at 404, but in the frame", "pharmacy.search", 404, refused("Липсва рецепта"), Rejected, None),
    ("a refusal without a word", ISSUE, 200, framed(success=False), Rejected, None),
    (
        "an e-mail that is there",
        "user.register",
        200,
        refused("Key (email)=(dr-example@hospital.example) already exists."),
        Rejected,
        None,
    ),
    (
        "broken integrity",
        "user.register",
        200,
        refused("Грешка в интегриртета на данните. Моля обърнете се към администратора"),
        Rejected,
        None,
    ),
    (
        "a role that is not saved",
        "user.register",
        200,
        refused("Данните ви не са записани във FHIR. Моля обърнете се към администратора на системата"),
        Rejected,
        None,
    ),
    (
        "an accidental failure",
        ISSUE,
        200,
        refused("Възникна случайна грешка. Моля обърнете се към администратора на системата"),
        Unknown,
        "server-error",
    ),
    ("unauthorized at 200", ISSUE, 200, refused("Грешни автентикационни параметри"), Retry, "token-refused"),
    (
        "no such prescription",
        "pharmacy.search",
        200,
        framed([], success=False, errors=[{"Message": "Липсва рецепта по зададените критерии", "Id": "1"}]),
        Rejected,
        None,
    ),
    ("401", ISSUE, 401, b"", Retry, "token-refused"),
    ("401 with a success in it", WHO, 401, framed(user()), Retry, "token-refused"),
    ("403", ISSUE, 403, HTML, Blocked, "access-denied"),
    ("404 with HTML", ISSUE, 404, HTML, Blocked, "not-found"),
    ("404 with a success in it", WHO, 404, framed(user()), Blocked, "not-found"),
    ("400 with HTML", ISSUE, 400, HTML, Blocked, "unreadable-answer"),
    ("405", ISSUE, 405, HTML, Blocked, "configuration"),
    ("302", ISSUE, 302, b"", Blocked, "configuration"),
    ("413", ISSUE, 413, HTML, Blocked, "request-too-large"),
    ("429", ISSUE, 429, b"", Retry, "too-many-requests"),
    ("503", ISSUE, 503, HTML, Retry, "unavailable"),
    ("500", ISSUE, 500, HTML, Unknown, "server-error"),
    ("500 with a refusal in it", ISSUE, 500, refused("Грешка"), Unknown, "server-error"),
    ("502", ISSUE, 502, HTML, Unknown, "server-error"),
    ("408", ISSUE, 408, b"", Unknown, "server-error"),
    ("600", ISSUE, 600, framed(user()), Unknown, UNEXPECTED),
    ("100", ISSUE, 100, b"", Unknown, UNEXPECTED),
    ("200 with HTML", ISSUE, 200, HTML, Unknown, UNREADABLE),
    ("nothing", ISSUE, 200, b"", Unknown, UNREADABLE),
    ("204", ISSUE, 204, b"", Unknown, UNREADABLE),
    ("the document's sample as printed", WHO, 200, PRINTED, Unknown, UNREADABLE),
    ("a list", WHO, 200, b"[]", Unknown, UNREADABLE),
    ("null", WHO, 200, b"null", Unknown, UNREADABLE),
    ("deep nesting", WHO, 200, DEEP, Unknown, UNREADABLE),
    ("NaN", WHO, 200, framed(user(Id=float("nan"))), Unknown, UNREADABLE),
    (
        "half a surrogate pair",
        WHO,
        200,
        framed(user()).replace(b'"dr-example"', b'"\\ud800"'),
        Unknown,
        UNREADABLE,
    ),
    ("a number of many digits", WHO, 200, framed(user()).replace(b"88", b"8" * 5000), Unknown, UNREADABLE),
    ("not UTF-8", WHO, 200, framed(user()).decode().encode("cp1251"), Unknown, UNREADABLE),
    ("half an answer", ISSUE, 200, document()[:-40], Unknown, UNREADABLE),
    ("two answers", WHO, 200, framed(user()) * 2, Unknown, UNREADABLE),
    ("a barcode", "barcode.generate", 200, framed("ERXI-20260301-88-123123"), Accepted, None),
    ("a barcode as text", "barcode.generate", 200, b"ERXI-20260301-88-123123\n", Accepted, None),
    ("a barcode as a JSON string", "barcode.generate", 200, b'"ERXI-20260301-88-123123"', Accepted, None),
    ("a barcode of another code", "barcode.generate", 200, framed("ERXI-20260301-88-9"), Unknown, UNEXPECTED),
    ("a page that names the code", "barcode.generate", 200, b"<html>123123</html>", Unknown, UNREADABLE),
    ("a refused barcode", "barcode.generate", 200, refused("Грешка"), Rejected, None),
    ("an image without a type", "barcode.image", 200, PNG, Unknown, UNREADABLE),
    ("an image in the frame", "barcode.image", 200, framed("iVBORw0KGgo="), Unknown, UNEXPECTED),
    ("found", "prescription.search", 200, framed(searchset(LINE, total=1)), Accepted, None),
    (
        "found, without the frame",
        "prescription.search",
        200,
        json.dumps(searchset(LINE)).encode(),
        Accepted,
        None,
    ),
    ("found, as a list", "prescription.search", 200, framed([LINE]), Accepted, None),
    ("found nothing", "prescription.search", 200, framed(searchset(total=0)), Accepted, None),
    ("found other things", "dispensing.search", 200, framed(searchset(LINE)), Unknown, UNEXPECTED),
    (
        "found more than there are",
        "prescription.search",
        200,
        framed(searchset(LINE, total=0)),
        Unknown,
        UNEXPECTED,
    ),
    ("found what is no resource", "prescription.search", 200, framed(searchset(None)), Unknown, UNEXPECTED),
    ("a list without the frame", "prescription.search", 200, b"[]", Unknown, UNREADABLE),
    ("shown to a pharmacy", "pharmacy.search", 200, framed([{"Barcode": "ERX1"}]), Accepted, None),
    ("no list for a pharmacy", "pharmacy.search", 200, framed({"Barcode": "ERX1"}), Unknown, UNEXPECTED),
]


@pytest.mark.parametrize(
    ("name", "status", "body", "kind", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_answers(name, status, body, kind, reason):
    outcome = read(name, status, body)
    assert (type(outcome), getattr(outcome, "reason", None)) == (kind, reason)
    if isinstance(outcome, Accepted):
        EVENT_TYPES[f"erx.{name}.v1"].result.model_validate(dict(outcome.data), by_alias=True, by_name=False)


def test_a_refusal_reaches_the_reply_field_by_field():
    told = {"Path": "entry[0]", "Message": "Грешно", "Key": "{user.login.failed}", "Id": "9b5924f8"}
    outcome = read(ISSUE, 200, framed(success=False, errors=[told, "само текст", 7]))
    assert outcome == Rejected(
        (
            StatedError(
                type="{user.login.failed}", reason="Грешно", faulty_attribute="entry[0]", id="9b5924f8"
            ),
            StatedError(type=None, reason="само текст"),
            StatedError(type=None),
        )
    )


def test_of_very_many_errors_the_first_are_kept():
    outcome = read(WHO, 200, framed(success=False, errors=[{"Message": "Грешно"}] * 5000))
    assert len(outcome.errors) == 1000


def test_one_accidental_failure_among_refusals_is_a_refusal():
    errors = [{"Message": "Възникна случайна грешка."}, {"Message": "Грешен формат на заявката"}]
    assert isinstance(read(ISSUE, 200, framed(success=False, errors=errors)), Rejected)


def test_what_is_longer_than_the_limit_is_unknown_even_if_it_reads():
    assert read(WHO, 200, framed(user()), truncated=True) == Unknown(
        Reason.UNREADABLE_ANSWER, "the answer was longer than the limit (200)"
    )
    assert isinstance(read(WHO, 200, refused("x"), truncated=True), Unknown)


def test_how_long_to_wait_is_the_registers_to_say():
    assert read(WHO, 503, b"", headers={"retry-after": "7"}).delay == 7
    outcome = read(WHO, 401, b"", headers={"retry-after": "7"})
    assert (outcome.delay, outcome.reauthorize) == (0, True)


def test_the_documents_prescription_in_the_words_of_the_contract():
    outcome = read(ISSUE, 200, document())
    assert outcome.data == {
        "lines": [
            {
                "internalId": "1000007543",
                "location": "MedicationRequest/68",
                "version": "2",
                "status": "updated",
            },
            {
                "internalId": "1000007544",
                "location": "MedicationRequest/69",
                "version": "2",
                "status": "updated",
            },
        ],
        "barcodes": ["ERX1592920883N00360A"],
        "barcodeUrl": "https://erx2.e-health.bg/print/barcode/code128?code=ERX1592920883N00360A&scale=3",
        "prescriptionId": "159292088300360",
        # The night of 1 March in UTC is the 2nd in Sofia.
        "offlineBarcodes": ["ERXI-20260302-88-1000007543", "ERXI-20260302-88-1000007544"],
    }


def test_the_day_of_a_barcode_is_the_registers_own():
    outcome = read(ISSUE, 200, document(), headers={"date": "Thu, 04 Jun 2020 16:32:18 GMT"})
    assert outcome.data["offlineBarcodes"][0] == "ERXI-20200604-88-1000007543"


def newer(*internal: str) -> bytes:
    """The newer text's answer: other letters, the patient first, and the seed as the internal id of every line."""

    def entry(location):
        return {"response": {"status": "201 Created", "location": location, "etag": "1"}}

    def line(value):
        identifiers = [{"system": "http://erx.e-health.bg/ns/internal", "value": value}]
        return {"resource": {"resourceType": "MedicationRequest", "identifier": identifiers}}

    other = {"resource": {"resourceType": "Patient"}}
    lines = [f"MedicationRequest/{300 + at}/_history/1" for at in range(len(internal))]
    places = ["Patient/1", *lines, "Practitioner/3", "PractitionerRole/2", "Encounter/3"]
    t1 = {"resource-type": "Bundle", "entry": [entry(one) for one in places]}
    t2 = {"entry": [other, *map(line, internal), other, other, other]}
    t3 = ["ERXE-20200917-88-3014-A", "ERXE-20200917-88-3014-B"]
    return json.dumps({"result": {"t1": t1, "t2": t2, "t3": t3}, "success": True, "errors": []}).encode()


@pytest.mark.parametrize(
    ("category", "parts", "ends"),
    [
        ("A", ("B0", "A0"), ["-A", "-B"]),
        ("A", ("C0", "C1"), ["-C"]),
        ("A", (None, None), [""]),
        ("N", ("A0", "B0"), [""]),
    ],
)
def test_a_form_5a_has_a_barcode_for_each_strip_that_its_lines_use(category, parts, ends):
    event = copy.deepcopy(EVENT_TYPES["erx.prescription.issue.v1"].example)
    event |= {"seed": "3014", "category": category}
    for line, part in zip(event["lines"], parts, strict=True):
        line["bookletPart"] = part
    outcome = read(ISSUE, 200, newer("3014", "3014"), settings=NEW, data=event)
    assert outcome.data["offlineBarcodes"] == [f"ERXE-20260302-88-3014{end}" for end in ends]


def test_the_newer_answer():
    event = EVENT_TYPES["erx.prescription.issue.v1"].example | {"seed": "3014"}
    outcome = read(ISSUE, 200, newer("3014", "3014"), settings=NEW, data=event)
    assert [(line["internalId"], line["location"]) for line in outcome.data["lines"]] == [
        ("1000007543", "MedicationRequest/300"),
        ("1000007544", "MedicationRequest/301"),
    ]
    assert outcome.data["barcodes"] == ["ERXE-20200917-88-3014-A", "ERXE-20200917-88-3014-B"]
    assert outcome.data["offlineBarcodes"] == ["ERXE-20260302-88-3014-A"]
    assert "barcodeUrl" not in outcome.data


@pytest.mark.parametrize("internal", [("3014", "3015"), ("3015", "3015"), ("3014",), ("3014",) * 3])
def test_the_newer_answer_to_another_prescription(internal):
    event = EVENT_TYPES["erx.prescription.issue.v1"].example | {"seed": "3014"}
    assert read(ISSUE, 200, newer(*internal), settings=NEW, data=event).reason == UNEXPECTED


def test_lines_in_another_order_are_told_apart_by_their_ids():
    outcome = read(ISSUE, 200, newer("1000007544", "1000007543"))
    assert [(line["internalId"], line["location"]) for line in outcome.data["lines"]] == [
        ("1000007543", "MedicationRequest/301"),
        ("1000007544", "MedicationRequest/300"),
    ]


@pytest.mark.parametrize(
    ("t3", "barcodes"),
    [
        ("ERX1592920883N00360A", ["ERX1592920883N00360A"]),
        (None, ["ERX1592920883N00360A"]),
        (["A", "A", "B"], ["A", "B"]),
        ([7, None], ["ERX1592920883N00360A"]),
        ("https://[", ["ERX1592920883N00360A"]),
        ({"a": 1}, ["ERX1592920883N00360A"]),
    ],
)
def test_barcodes_are_those_of_t3_or_else_of_t2(t3, barcodes):
    outcome = read(ISSUE, 200, document(lambda result: result.update(T3=t3)))
    assert outcome.data["barcodes"] == barcodes


def test_without_t2_the_lines_are_in_our_order():
    outcome = read(ISSUE, 200, document(lambda result: result.pop("T2")))
    assert [line["internalId"] for line in outcome.data["lines"]] == ["1000007543", "1000007544"]


def test_an_image_is_kept_whole():
    outcome = read("barcode.image", 200, PNG, headers={"content-type": "image/png; charset=x"})
    assert (outcome.data["mediaType"], outcome.data["bytes"]) == ("image/png", len(PNG))


def test_resources_are_kept_as_they_came():
    strange = {**LINE, "Extra-Member": [1, 2]}
    outcome = read("prescription.search", 200, framed(searchset(strange, total=9)))
    assert outcome.data == {"found": 1, "total": 9, "results": [strange]}


NAMES = st.sampled_from([name.value for name in Name])
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text())


@given(NAMES, st.integers(0, 999), HEADERS, st.binary(), st.booleans())
@hypothesis_settings(deadline=None)
def test_no_bytes_raise_or_count_as_success(name, status, headers, body, truncated):
    outcome = read(name, status, body, headers=headers, truncated=truncated)
    if isinstance(outcome, Accepted):
        # Any bytes are an image to whoever says so.
        assert name == "barcode.image"
        assert headers["content-type"].strip().lower().startswith("image/")
    else:
        assert isinstance(outcome, Retry | Unknown | Blocked)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Result",
                    "Success",
                    "Errors",
                    "success",
                    "T1",
                    "T2",
                    "t3",
                    "Entry",
                    "Response",
                    "Status",
                    "Id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(NAMES, st.sampled_from([200, 400, 404, 500]), st.booleans(), JSON, JSON)
@hypothesis_settings(deadline=None)
def test_no_json_raises(name, status, success, result, errors):
    body = json.dumps({"Result": result, "Success": success, "Errors": errors}).encode()
    outcome = read(name, status, body)
    assert not isinstance(outcome, Accepted) or (status == 200 and success)


@given(st.data())
@hypothesis_settings(deadline=None)
def test_damaged_answers_never_raise_and_succeed_only_for_whole_statements(data):
    body = document()
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + data.draw(st.integers(0, 4)) :]
    outcome = read(ISSUE, 200, damaged)
    if isinstance(outcome, Accepted):
        assert json.loads(damaged)["Success"] is True
        assert {line["internalId"] for line in outcome.data["lines"]} == {"1000007543", "1000007544"}
