"""What every answer of SHEP means: as it should be, as real gateways garble it, and as an enemy would write it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.kz_shep.results import FoundMedicalExemptions
from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.signing.certificates import issue
from tests.support.systems.kz_shep.answers import (
    answer,
    data,
    envelope,
    error,
    exemption,
    response,
    status,
)
from tests.support.systems.kz_shep.reading import GARBLED, NOW, SEARCH, rules, start
from tests.support.systems.kz_shep.soap import signed_by_xmlsec
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.systems.answer_settings import OperatorError
from worker.systems.kz_shep.interpret import Asked, interpret
from worker.systems.kz_shep.medical_exemption import SERVICE
from worker.systems.kz_shep.trust import Trust

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
TWO_BODIES = envelope(response()).replace("</soap:Body>", f"</soap:Body><soap:Body>{response()}</soap:Body>")


UNREADABLE, UNEXPECTED = Reason.UNREADABLE_ANSWER, Reason.UNEXPECTED_MESSAGE
HTML = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
# (what it is, the answer, whether SHEP signed it, the HTTP status, the kind of outcome, its reason)
TABLE = [
    # What is signed, and does not say what was asked.
    ("no status", response(stated=""), True, 200, Unknown, UNEXPECTED),
    ("no data", response("", stated=status()), True, 200, Unknown, UNEXPECTED),
    ("no responseData", response().replace("responseData", "otherData"), True, 200, Unknown, UNEXPECTED),
    ("data without elements", response(data("text")), True, 200, Unknown, UNEXPECTED),
    ("data without a status", response(data(exemption())), True, 200, Unknown, UNEXPECTED),
    ("two data", response(data() + data()), True, 200, Unknown, UNEXPECTED),
    ("two statuses", response(data(status() + status("ERROR"))), True, 200, Unknown, UNEXPECTED),
    ("no number", response(data(status() + exemption(""))), True, 200, Unknown, UNEXPECTED),
    (
        "an exemption without status",
        response(data(status() + exemption(state=""))),
        True,
        200,
        Unknown,
        UNEXPECTED,
    ),
    ("another message", "<x:Other xmlns:x='urn:x'/>", True, 200, Unknown, UNREADABLE),
    ("nothing in the Body", "", True, 200, Unknown, UNREADABLE),
    ("two responses in one Body", response() + response(), True, 200, Unknown, UNREADABLE),
    (
        "nil response",
        response().replace("<response>", "<r>").replace("</response>", "</r>"),
        True,
        200,
        Unknown,
        UNREADABLE,
    ),
    (
        "broken base64",
        response(data(status() + exemption(pdf=None, more="<certificate>JVBERi0xL</certificate>"))),
        True,
        200,
        Unknown,
        UNEXPECTED,
    ),
    (
        "base64 with other characters",
        response(data(status() + exemption(pdf=None, more="<certificate>JVBE*Ri0=</certificate>"))),
        True,
        200,
        Unknown,
        UNEXPECTED,
    ),
    (
        "two certificates in one",
        response(data(status() + exemption(more="<certificate>JVBERi0=</certificate>"))),
        True,
        200,
        Unknown,
        UNEXPECTED,
    ),
    # What is not understood is never "nothing found".
    *(
        (name, response(data(status() + more)), True, 200, Unknown, UNEXPECTED)
        for name, more in {
            "a list of another name": "<medicalExemptions><number>1</number></medicalExemptions>",
            "a list of another spelling": "<medicalExemptionlist/>",
            "a list within a list": f"<list>{exemption()}</list>",
            "stray text": "01085",
            "stray text beside an exemption": exemption() + "01085",
        }.items()
    ),
    *(
        (
            f"another type: {named}",
            response(data(status(), start=start(named))),
            True,
            200,
            Unknown,
            UNEXPECTED,
        )
        for named in ("q:CompletelyOtherResponse", "gone:Lost", "Other", " q:MedicalExemptionSearchRequest ")
    ),
    (
        "another type, garbled",
        response(data(status(), start=GARBLED.replace("xsd:string", "Other"))),
        True,
        200,
        Unknown,
        UNEXPECTED,
    ),
    # Refusals, of either level.
    ("ERROR", response(data(status("ERROR", "Некорректный ИИН"))), True, 200, Rejected, None),
    ("outer ERROR", response("", stated=status("ERROR", "x")), True, 200, Rejected, None),
    ("SCSE001", response("", stated=status("SCSE001", "x")), True, 200, Rejected, None),
    ("a code nobody knows", response("", stated=status("EHR-17", "x")), True, 200, Rejected, None),
    ("FAULT015", response("", stated=status("FAULT015", "x")), True, 200, Unknown, UNEXPECTED),
    # What is not signed by SHEP is not believed, whatever it says.
    ("unsigned success", response(), False, 200, Unknown, UNREADABLE),
    ("unsigned refusal", response("", stated=status("ERROR", "x")), False, 200, Unknown, UNREADABLE),
    # Not a response at all.
    ("201 with a response", response(), True, 201, Unknown, UNEXPECTED),
    ("204 with a response", response(), True, 204, Unknown, UNEXPECTED),
    ("206 with a response", response(), True, 206, Unknown, UNEXPECTED),
    ("500 with a response", response(), True, 500, Unknown, Reason.SERVER_ERROR),
    ("400 with a response", response(), True, 400, Blocked, Reason.CONFIGURATION),
    ("401", "", False, 401, Blocked, Reason.ACCESS_DENIED),
    ("403", "", False, 403, Blocked, Reason.ACCESS_DENIED),
    ("404", "", False, 404, Blocked, Reason.NOT_FOUND),
    ("413", "", False, 413, Blocked, Reason.REQUEST_TOO_LARGE),
    ("302", "", False, 302, Blocked, Reason.CONFIGURATION),
    ("408", "", False, 408, Unknown, Reason.SERVER_ERROR),
    ("502", "", False, 502, Unknown, Reason.SERVER_ERROR),
    ("100", "", False, 100, Unknown, UNEXPECTED),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_answers(read, signed, row):
    _, content, is_signed, status_code, kind, reason = row
    body = envelope(content)
    outcome = read(signed(body) if is_signed else body, status_code)
    assert (type(outcome), getattr(outcome, "reason", None)) == (kind, reason)


BODIES = [
    ("nothing", b""),
    ("white space", b" \n"),
    ("HTML", HTML),
    ("JSON", b'{"status":"SUCCESS"}'),
    ("cut off", envelope(response())[:-40]),
    ("a DTD", f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{envelope(response())}'),
    ("billion laughs", LAUGHS + envelope(response(data(status("&c;"))))),
    ("too deep", envelope("<a>" * 240 + "</a>" * 240)),
    ("very much too deep", "<a>" * 100_000),
    ("two Bodies", TWO_BODIES),
    ("SOAP of no version", envelope(response(), soap="urn:soap")),
    (
        "a Body of another version",
        envelope(response())
        .replace("soap:Body>", "s:Body>")
        .replace("<s:Body>", f'<s:Body xmlns:s="{SOAP_12}">'),
    ),
    ("no envelope", response()),
    ("a DTD in UTF-16", f"<!DOCTYPE x>{envelope(response())}".encode("utf-16")),
    ("not UTF-8", envelope(response()).encode() + b"\xff"),
    ("a text of 11 MB", envelope(response(data(f"<certificate>{'A' * 11_000_000}</certificate>")))),
]


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("body", [body for _, body in BODIES], ids=[name for name, _ in BODIES])
def test_what_is_no_answer_is_unreadable(read, body, trusted):
    """Also where the operator believes unsigned answers: it is no question of signatures alone."""
    outcome = read(body, trust=Trust(None, now=lambda: NOW)) if trusted else read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is UNREADABLE


@pytest.mark.parametrize(
    ("codec", "content_type"), [("utf-16", "text/xml"), ("cp1251", "text/xml; charset=windows-1251")]
)
def test_an_answer_in_another_encoding_is_verified_and_read_alike(read, signed, codec, content_type):
    body = signed(envelope(response())).decode()
    plain = read(answer(body.encode()))
    assert isinstance(plain, Accepted)
    assert read(answer(body.encode(codec), **{"content-type": content_type})) == plain


def test_an_answer_that_was_cut_is_unreadable(read, signed):
    outcome = read(answer(signed(envelope(response())), truncated=True))
    assert (type(outcome), outcome.reason) == (Unknown, UNREADABLE)


@pytest.mark.parametrize(("status_code", "kind"), [(429, Retry), (503, Unknown)])
def test_turned_away_is_tried_again_when_it_says(read, status_code, kind):
    outcome = read(answer("", status_code, **{"retry-after": "7"}))
    assert (type(outcome), outcome.delay) == (kind, 7.0)


# --- signatures ---


def test_a_signature_of_somebody_else_is_not_believed(read):
    outcome = read(signed_by_xmlsec(issue("Кто-то"), envelope(response())))
    assert (type(outcome), outcome.reason) == (Unknown, UNREADABLE)
    assert "pinned" in outcome.detail


def test_changed_after_signing(read, signed):
    body = signed(envelope(response()))
    outcome = read(body.replace(b"UP_TO_DATE", b"UP_TO_DATe"))
    assert (type(outcome), outcome.reason) == (Unknown, UNREADABLE)


def test_a_signed_body_that_was_moved_away_is_not_believed(read, signed):
    """The oldest trick: the signed Body goes where nobody reads, and another takes its place."""
    body = signed(envelope(response(data(status())))).decode()
    start, end = body.index("<soap:Body"), body.index("</soap:Body>") + len("</soap:Body>")
    original = body[start:end]
    moved = body[:start] + f"<soap:Body>{response()}</soap:Body>" + body[end:]
    moved = moved.replace("</soap:Header>", f"<w>{original}</w></soap:Header>")
    outcome = read(moved)
    assert (type(outcome), outcome.reason) == (Unknown, UNREADABLE)


def test_the_answer_to_a_search_by_number_has_that_number(read, signed):
    body = signed(envelope(response()))
    assert isinstance(read(body, asked={"number": "01085"}), Accepted)
    assert isinstance(read(body, asked={"number": " 01085 "}), Accepted)
    other = read(body, asked={"number": "1085"})
    assert (type(other), other.reason) == (Unknown, UNEXPECTED)
    other = read(body, asked={"number": "1085", "iin": "720315200006"})
    assert (type(other), other.reason) == (Unknown, UNEXPECTED)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"correlation": "ours"}, Accepted),
        ({"correlation": None}, Accepted),
        ({"correlation": "another"}, Unknown),
        ({"date": (NOW - timedelta(hours=23)).isoformat()}, Accepted),
        ({"date": (NOW - timedelta(hours=25)).isoformat()}, Unknown),
        ({"date": "2019-01-01T00:00:00.000+06:00"}, Unknown),
        ({"date": (NOW + timedelta(hours=23)).isoformat()}, Accepted),
        ({"date": (NOW + timedelta(hours=25)).isoformat()}, Unknown),
        ({"date": ""}, Unknown),
        ({"date": "yesterday"}, Unknown),
        ({"date": NOW.replace(tzinfo=None).isoformat()}, Accepted),
    ],
)
def test_an_answer_belongs_to_its_question(read, signed, changes, kind):
    outcome = read(signed(envelope(response(**changes))))
    assert (type(outcome), getattr(outcome, "reason", UNEXPECTED)) == (kind, UNEXPECTED)


def test_a_refusal_tells_code_and_sentence_of_each_level(read, signed):
    inside = data(status("ERROR", "Некорректный ИИН"))
    outcome = read(signed(envelope(response(inside, stated=status("SCSE001", "Ошибка сервиса")))))
    assert [(one.type, one.reason) for one in outcome.errors] == [
        ("SCSE001", "Ошибка сервиса"),
        ("ERROR", "Некорректный ИИН"),
    ]


def test_a_refusal_that_an_operator_must_remove_is_a_setting(read, signed):
    table = (OperatorError(type="ERROR", says="(?i)нет прав"),)
    body = signed(envelope(response("", stated=status("ERROR", "Нет прав на услугу"))))
    blocked = read(body, operator_errors=table)
    assert (type(blocked), blocked.reason) == (Blocked, "access-denied")
    assert [one.type for one in blocked.errors] == ["ERROR"]
    assert isinstance(read(body), Rejected)
    # What nobody signed blocks nothing.
    unsigned = envelope(response("", stated=status("ERROR", "Нет прав на услугу")))
    assert isinstance(read(unsigned, operator_errors=table), Unknown)


# --- faults ---


@given(st.binary(max_size=300), st.integers(100, 599), st.booleans())
@hypothesis_settings(max_examples=300, deadline=None)
def test_arbitrary_bytes_are_no_success(body, status_code, believed):
    got = answer(body, status_code)
    trust = Trust(None if believed else [], now=lambda: NOW)
    outcome = interpret(SERVICE, Asked(submission(SEARCH).data, None), got, rules(trust), NOW)
    assert isinstance(outcome, Unknown | Blocked | Retry)


PIECES = st.sampled_from(
    [
        *(
            "<response>",
            "</response>",
            "<responseInfo>",
            "<responseData>",
            "<data>",
            "</data>",
            "<status>",
            "</status>",
        ),
        *(
            "<code>SUCCESS</code>",
            "<code/>",
            "<message>m</message>",
            "<medicalExemptionList>",
            "</medicalExemptionList>",
        ),
        *(
            exemption(),
            exemption(pdf=b"x"),
            status(),
            status("ERROR"),
            data(),
            response(),
            "&amp;",
            "<!-- c -->",
            "<?p?>",
        ),
        *("<soap:Fault>", "</soap:Fault>", "<detail>", "<subError>", error("SCE001"), "<certificate>", "x"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_mixture_is_read_without_an_exception_and_success_fits_its_model(content):
    for body in (envelope(content), envelope(response(content)), envelope(response(data(content)))):
        outcome = interpret(SERVICE, Asked(submission(SEARCH).data, None), answer(body), rules(), NOW)
        if isinstance(outcome, Accepted):
            FoundMedicalExemptions.model_validate(outcome.data, by_alias=True, by_name=False)
