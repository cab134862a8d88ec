"""The register as the sandbox's server sees it: addresses, traits, failures, altered answers, and any bytes at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.erx.services import OPERATIONS
from sandbox.erx.stand_in import TEST_CLIENT, ErxRegister
from sandbox.stand_in import Answer, InvalidControl, Request, StandIn
from tests.support.systems.erx.sandbox import EGN, START, ErxClient, basic, bundle, line, login_body, read

UNIX = int(START.timestamp())


def request(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Request:
    return Request(method, path, query, headers, body)


@pytest.mark.parametrize("path", ["/", "/auth/Login", "/fhirlite/prescription/", "/fhir/Patient", "/print"])
def test_an_unknown_address_is_a_page_of_html(path):
    erx = ErxClient()
    answer = erx.send("GET", path)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert b"404 Not Found" in answer.body
    assert not erx.register.serves("GET", path)


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS))
def test_a_known_address_with_another_method(method, path):
    erx = ErxClient()
    assert erx.register.serves(method, path)
    assert not erx.register.serves("DELETE", path)
    assert erx.send("DELETE", path).status == 405


def test_an_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="2020-06, 2020-09"):
        ErxRegister(now=lambda: START, profile="2021-01")


@pytest.mark.parametrize(
    ("profile", "query", "body", "internal_id"),
    [
        ("2020-06", "", json.dumps(bundle(line("7543"), line("7544"))).encode(), "7543"),
        ("2020-06", "seed=3014", b"{}", None),
        ("2020-06", "", b"{", None),
        ("2020-09", "seed=3014", b"{", "3014"),
        ("2020-09", "", json.dumps(bundle(line("7543"))).encode(), None),
    ],
)
def test_traits_of_a_prescription(profile, query, body, internal_id):
    erx = ErxClient(profile)
    asked = request("POST", "/fhirlite/prescription", query, body, **erx.bearer())
    expected = {"operation": "prescription", "internalId": internal_id, "user": "dr-ivanova"}
    assert erx.register.traits_of(asked) == expected
    assert tuple(expected) == erx.register.traits


def test_traits_of_others():
    erx = ErxClient()
    body = json.dumps(login_body("dr-petrov", "x")).encode()
    login = erx.register.traits_of(request("POST", "/auth/login", body=body))
    assert login == {"operation": "login", "internalId": None, "user": "dr-petrov"}
    search = erx.register.traits_of(request("GET", "/fhir/MedicationRequest", f"subject.identifier={EGN}"))
    assert search == {"operation": "search", "internalId": None, "user": None}


@pytest.mark.parametrize(
    ("status", "language", "message"),
    [
        (500, "bg-BG", "Възникна случайна грешка. Моля обърнете се към администратора на системата"),
        (503, "bg-BG", "Възникна случайна грешка. Моля обърнете се към администратора на системата"),
        (401, "bg-BG", "Грешни автентикационни параметри"),
        (400, "bg-BG", "Грешен формат на заявката"),
        (401, "en-EN", "Wrong authentication parameters"),
    ],
)
def test_failures_have_the_documents_texts(status, language, message):
    asked = request("GET", "/user/me", **{"accept-language": language})
    answer = ErxClient().register.failed(status, asked)
    body = json.loads(answer.body)
    assert (answer.status, body["Success"], body["Errors"][0]["Message"]) == (status, False, message)


def test_a_failure_with_404_is_a_page():
    assert ErxClient().register.failed(404, request("GET", "/user/me")).content_type == "text/html"


@pytest.mark.parametrize(("profile", "query"), [("2020-06", ""), ("2020-09", "seed=7543&category=N")])
def test_an_altered_answer_is_that_of_another_prescription(profile, query):
    erx = ErxClient(profile)
    body = json.dumps(bundle(line("7543"))).encode()
    asked = request("POST", "/fhirlite/prescription", query, body, **erx.bearer())
    answer = erx.register.answer(asked)
    altered = erx.register.altered(asked, answer)
    old, new = read(answer), read(altered)
    assert old.keys() == new.keys()
    assert '"97543"' in json.dumps(new)
    assert '"7543"' not in json.dumps(new)
    barcode = f"ERX{UNIX}N00060A" if profile == "2020-06" else "ERXE-20261126-60-7543"
    assert barcode in answer.body.decode()
    assert barcode not in altered.body.decode()


def test_a_picture_is_not_altered():
    erx = ErxClient()
    asked = request("GET", "/print/barcode/code128", "code=1")
    answer = erx.register.answer(asked)
    assert erx.register.altered(asked, answer) == answer


@pytest.mark.parametrize("body", [None, [], {}, {"barcode": 7}, {"barcode": "ERX"}])
def test_a_pharmacy_gives_out_only_what_was_issued(body):
    with pytest.raises(InvalidControl, match="barcode"):
        ErxClient().register.control("dispense", body)


def test_it_knows_no_other_control():
    assert ErxClient().register.control("signers", {}) is None


_NAMES = (
    *("User", "Data", "Username", "Credentials", "Auth", "MedicRegRq", "entry", "resource", "resourceType"),
    *("identifier", "system", "value", "category", "coding", "code", "type"),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)
_BODIES = st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode())
_HEADERS = st.fixed_dictionaries({}, optional={"authorization": st.text(), "accept-language": st.text()})
_QUERIES = st.text(max_size=80) | st.sampled_from(
    ["seed=1&category=A", "code=%FF", "identifier=|", "a;b&=&;"]
)


def test_it_is_a_stand_in():
    register: StandIn = ErxClient().register  # and the type checker says whether it is
    assert (register.name, register.max_bytes) == ("erx", 4 * 1024 * 1024)


def answered(register: ErxRegister, asked: Request) -> Answer:
    """Send the request through everything that the server would call."""
    assert set(register.traits_of(asked)) == set(register.traits)
    answer = register.answer(asked)
    assert isinstance(register.altered(asked, answer).body, bytes)
    assert register.failed(500, asked).status == 500
    json.dumps(register.ledger())
    return answer


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(OPERATIONS)), _QUERIES, _HEADERS, _BODIES)
@pytest.mark.parametrize("profile", ["2020-06", "2020-09"])
def test_no_bytes_raise(profile, address, query, headers, body):
    answered(ErxClient(profile).register, Request(*address, query, headers, body))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(OPERATIONS)), _QUERIES, _BODIES, st.booleans())
@pytest.mark.parametrize("profile", ["2020-06", "2020-09"])
def test_no_bytes_of_a_known_sender_raise(profile, address, query, body, as_admin):
    erx = ErxClient(profile)
    headers = erx.bearer("erx-admin" if as_admin else "dr-ivanova")
    if address[1] == "/auth/login":
        headers = {"authorization": basic(*TEST_CLIENT)}
    answer = answered(erx.register, Request(*address, query, headers, body))
    assert answer.status in {200, 400, 401}


@settings(max_examples=400, deadline=None)
@given(st.data())
@pytest.mark.parametrize("profile", ["2020-06", "2020-09"])
def test_a_bundle_with_any_part_replaced_is_written_or_refused(profile, data):
    erx = ErxClient(profile)
    body = bundle(line("1"), line("2"))
    place, steps = body, data.draw(st.integers(1, 8))
    for step in range(steps):
        names = list(place) if isinstance(place, dict) else list(range(len(place)))
        name = data.draw(st.sampled_from(names))
        if step == steps - 1 or not isinstance(place[name], dict | list) or not place[name]:
            place[name] = data.draw(_JSON)
            break
        place = place[name]
    query = "seed=3014&category=A" if profile == "2020-09" else ""
    asked = request("POST", "/fhirlite/prescription", query, json.dumps(body).encode(), **erx.bearer())
    written = {name.lower(): value for name, value in read(answered(erx.register, asked)).items()}["success"]
    assert len(erx.register.ledger()["prescriptions"]) == (1 if written else 0)
    if written:
        (held,) = erx.register.ledger()["prescriptions"]
        for barcode in held["barcodes"]:
            assert erx.get("/phs/prescription", f"identifier={barcode}").status == 200
        assert erx.get("/fhir/MedicationRequest").status == 200
