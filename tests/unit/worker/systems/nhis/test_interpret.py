"""The interpretation of answers: one table of what may come back, and the promise that nothing else can happen."""

# ruff: noqa: E501 - a table is read by rows, one a line

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.nhis.answers import (
    LRN,
    MESSAGE_ID,
    NRN,
    leaf,
    leaves,
    message,
    refusal,
    registered,
)
from tests.support.systems.nhis.expected import (
    CANCEL,
    CERTIFICATE,
    NOW,
    PDF,
    REACTION,
    REGISTER,
    RULES,
    SEARCH,
    said,
)
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, Unknown
from worker.systems.answer_settings import OperatorError
from worker.systems.nhis.interpret import Rules, interpret
from worker.transport.port import Answer

OTHER_ID = "99999999-2222-4333-8444-555555555555"
HTML = (
    b"<html><head><title>401 Authorization Required</title></head><body><center>nginx</center></body></html>"
)
DTD = b'<?xml version="1.0"?><!DOCTYPE m SYSTEM "http://example.org/x.dtd"><message/>'
BOMB = b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><message>&b;</message>'
DEEP = b"<message>" * 5000 + b"</message>" * 5000


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


ACCEPTED = [
    ("register", REGISTER, said(200, registered()), {"nrn": NRN, "lrn": LRN, "status": "1"}),
    (
        "register, with certificate",
        REGISTER,
        said(200, registered(uvci="BG/1#2")),
        {"nrn": NRN, "lrn": LRN, "status": "1", "certificateNumber": "BG/1#2"},
    ),
    (
        "XML 1.1 declared",
        REGISTER,
        said(200, registered().replace(b'"1.0"', b'"1.1"')),
        {"nrn": NRN, "lrn": LRN, "status": "1"},
    ),
    (
        "another prefix and namespace",
        REGISTER,
        said(200, registered().replace(b"nhis:", b"x:").replace(b"xmlns:nhis=", b"xmlns:x=").replace(b"https://www.his.bg", b"http://www.his.bg/")),
        {"nrn": NRN, "lrn": LRN, "status": "1"},
    ),
    (
        "byte order mark",
        REGISTER,
        said(200, b"\xef\xbb\xbf" + registered()),
        {"nrn": NRN, "lrn": LRN, "status": "1"},
    ),
    ("register, no more than is promised", REGISTER, said(200, message("I002", leaf("nrnImmunization", NRN))), {"nrn": NRN, "lrn": LRN}),
    ("reaction, a bare confirmation", REACTION, said(200, message("I006", "")), {"nrn": NRN}),
    ("cancelled, a bare confirmation", CANCEL, said(200, message("I012", "")), {"nrn": NRN}),
    ("nothing found, without a number", SEARCH, said(200, message("I004", "")), {"found": 0, "results": []}),
    ("nothing found, an empty list", SEARCH, said(200, message("I004", leaf("foundNumber", "0") + "<nhis:results/>")), {"found": 0, "results": []}),
    ("nothing found, only an empty list", SEARCH, said(200, message("I004", "<nhis:results/>")), {"found": 0, "results": []}),
    ("nothing found", SEARCH, said(200, message("I004", leaf("foundNumber", "0"))), {"found": 0, "results": []}),
    (
        "reaction",
        REACTION,
        said(200, message("I006", leaf("nrnImmunization", NRN))),
        {"nrn": NRN},
    ),
    (
        "cancelled",
        CANCEL,
        said(200, message("I012", leaves(nrnImmunization=NRN, status="2"))),
        {"nrn": NRN, "status": "2"},
    ),
    (
        "certificate",
        CERTIFICATE,
        said(200, message("I014", leaves(certificate=coded(PDF), uvci="BG1"))),
        {
            "content": coded(PDF),
            "mediaType": "application/pdf",
            "bytes": len(PDF),
            "sha256": hashlib.sha256(PDF).hexdigest(),
            "certificateNumber": "BG1",
        },
    ),
    (
        "certificate in lines of 64, of no known type",
        CERTIFICATE,
        said(200, message("I014", leaf("certificate", "aGVs\n bG8="))),
        {"content": "aGVsbG8=", "bytes": 5, "sha256": hashlib.sha256(b"hello").hexdigest()},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "answer", "data"), [row[1:] for row in ACCEPTED], ids=[r[0] for r in ACCEPTED]
)
def test_success_that_was_stated_is_accepted(expected, answer, data):
    assert interpret(expected, answer, RULES, NOW) == Accepted(data)


RESULTS = {id(one): EVENT_TYPES[f"nhis.{name}.v1"].result for one, name in (
    (REGISTER, "immunization.register"), (SEARCH, "immunization.search"), (REACTION, "adverse-reaction.register"),
    (CANCEL, "immunization.cancel"), (CERTIFICATE, "certificate.fetch"),
)}  # fmt: skip


@pytest.mark.parametrize(("expected", "answer"), [row[1:3] for row in ACCEPTED], ids=[r[0] for r in ACCEPTED])
def test_what_is_accepted_is_data_as_the_contract_says(expected, answer):
    RESULTS[id(expected)].model_validate(interpret(expected, answer, RULES, NOW).data)


ALREADY = "Вече има подадена имунизация с този номер и НРН " + NRN
REFUSED = [
    ("400 with I099", REGISTER, said(400, refusal("Невалидна партида")), Rejected),
    ("200 with I099", REGISTER, said(200, refusal("Невалидна партида")), Rejected),
    ("500 with a business error", REGISTER, said(500, refusal("Невалидна партида")), Rejected),
    ("422 with I099", REGISTER, said(422, refusal("Невалидна партида")), Rejected),
    ("400, R099", CANCEL, said(400, refusal("x").replace(b"I099", b"R099")), Rejected),
    ("400 with I099 that has no id", REGISTER, said(400, refusal("x", message_id=None)), Rejected),
    ("400 with I099 that has an empty id", REGISTER, said(400, refusal("x", message_id="")), Rejected),
    ("exists already", REGISTER, said(400, refusal(ALREADY)), AlreadyExists),
    ("exists already, by 200", REGISTER, said(200, refusal(ALREADY)), AlreadyExists),
    ("cancelled already", CANCEL, said(400, refusal("Имунизацията вече е анулирана")), AlreadyExists),
    ("exists already, but a search", SEARCH, said(400, refusal(ALREADY)), Rejected),
    ("exists already, but a cancellation", CANCEL, said(400, refusal(ALREADY)), Rejected),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "answer", "kind"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refusal_that_was_stated_is_an_answer(expected, answer, kind):
    outcome = interpret(expected, answer, RULES, NOW)
    assert type(outcome) is kind
    assert outcome.errors[0].type == "E002"


OTHERWISE = [
    ("401 HTML", REGISTER, said(401, HTML), Retry, Reason.TOKEN_REFUSED),
    ("401 with an I099", REGISTER, said(401, refusal("x")), Retry, Reason.TOKEN_REFUSED),
    ("401 with an I002", REGISTER, said(401, registered()), Retry, Reason.TOKEN_REFUSED),
    ("403", REGISTER, said(403, HTML), Blocked, Reason.ACCESS_DENIED),
    ("403 with an I099", REGISTER, said(403, refusal("x", type_="E003")), Blocked, Reason.ACCESS_DENIED),
    ("404", REGISTER, said(404, HTML), Blocked, Reason.NOT_FOUND),
    ("413", REGISTER, said(413), Blocked, Reason.REQUEST_TOO_LARGE),
    ("405", REGISTER, said(405), Blocked, Reason.CONFIGURATION),
    ("415", REGISTER, said(415, HTML), Blocked, Reason.CONFIGURATION),
    ("302", REGISTER, said(302, location="https://elsewhere"), Blocked, Reason.CONFIGURATION),
    ("400 HTML", REGISTER, said(400, HTML), Blocked, Reason.UNREADABLE_ANSWER),
    ("400 with nothing", REGISTER, said(400), Blocked, Reason.UNREADABLE_ANSWER),
    ("400 with I002", REGISTER, said(400, registered()), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("400 about another message", REGISTER, said(400, refusal("x", message_id=OTHER_ID)), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("200, I099 about another", REGISTER, said(200, refusal("x", message_id=OTHER_ID)), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("200, I099 about nothing", REGISTER, said(200, refusal("x", message_id=None)), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("200, I099 without errors", REGISTER, said(200, message("I099", "")), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("408", REGISTER, said(408), Unknown, Reason.SERVER_ERROR),
    ("429", REGISTER, said(429), Retry, Reason.TOO_MANY_REQUESTS),
    ("503", REGISTER, said(503, HTML), Unknown, Reason.UNAVAILABLE),
    ("500 with XML", REGISTER, said(500, message("I098", "")), Unknown, Reason.SERVER_ERROR),
    ("500 with a general error", REGISTER, said(500, refusal("грешка", type_="E001")), Unknown, Reason.SERVER_ERROR),
    ("500 with a general error in Cyrillic", REGISTER, said(500, refusal("грешка", type_="\u0415001")), Unknown, Reason.SERVER_ERROR),
    ("500 with an I002", REGISTER, said(500, registered()), Unknown, Reason.SERVER_ERROR),
    ("500 HTML", REGISTER, said(500, HTML), Unknown, Reason.SERVER_ERROR),
    ("500 with nothing", REGISTER, said(500), Unknown, Reason.SERVER_ERROR),
    ("502", REGISTER, said(502, HTML), Unknown, Reason.SERVER_ERROR),
    ("504", REGISTER, said(504), Unknown, Reason.SERVER_ERROR),
    ("200 HTML", REGISTER, said(200, HTML), Unknown, Reason.UNREADABLE_ANSWER),
    ("200 with nothing", REGISTER, said(200), Unknown, Reason.UNREADABLE_ANSWER),
    ("204", REGISTER, said(204), Unknown, Reason.UNREADABLE_ANSWER),
    ("200 cut off", REGISTER, said(200, registered()[:-20]), Unknown, Reason.UNREADABLE_ANSWER),
    ("200 too long", REGISTER, Answer(200, {}, registered(), truncated=True), Unknown, Reason.UNREADABLE_ANSWER),
    ("400 too long", REGISTER, Answer(400, {}, refusal("x"), truncated=True), Blocked, Reason.UNREADABLE_ANSWER),
    ("windows-1251 that nothing names", REGISTER, said(200, message("I002", leaf("x", "я")).decode().encode("cp1251")), Unknown, Reason.UNREADABLE_ANSWER),
    ("no UTF-16", REGISTER, said(200, registered().decode().encode("utf-16")[:-1]), Unknown, Reason.UNREADABLE_ANSWER),
    ("a DTD in UTF-16", REGISTER, said(200, DTD.decode().encode("utf-16")), Unknown, Reason.UNREADABLE_ANSWER),
    ("white space before the declaration, and cut off", REGISTER, said(200, b" " + registered()[:-20]), Unknown, Reason.UNREADABLE_ANSWER),
    ("DTD", REGISTER, said(200, DTD), Unknown, Reason.UNREADABLE_ANSWER),
    ("entity bomb", REGISTER, said(200, BOMB), Unknown, Reason.UNREADABLE_ANSWER),
    ("too deep", REGISTER, said(200, DEEP), Unknown, Reason.UNREADABLE_ANSWER),
    ("JSON", REGISTER, said(200, b'{"status": 1}'), Unknown, Reason.UNREADABLE_ANSWER),
    ("another root", REGISTER, said(200, b"<contents/>"), Unknown, Reason.UNREADABLE_ANSWER),
    ("the right message under another root", REGISTER, said(200, registered().replace(b"nhis:message ", b"nhis:envelope ").replace(b"/nhis:message>", b"/nhis:envelope>")), Unknown, Reason.UNREADABLE_ANSWER),
    ("no header", REGISTER, said(200, b"<message><contents/></message>"), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("to another message", REGISTER, said(200, message("I002", leaves(nrnImmunization=NRN, lrn=LRN, status="1"), message_id=OTHER_ID)), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("another type", REGISTER, said(200, message("I004", leaf("foundNumber", "0"))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("another LRN", REGISTER, said(200, registered(lrn="other")), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("NRN of 11", REGISTER, said(200, registered(nrnImmunization=NRN[1:])), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("registered as void", REGISTER, said(200, registered(status="2")), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("found no number, but something else", SEARCH, said(200, message("I004", "<nhis:items/>")), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("found more than shown: none", SEARCH, said(200, message("I004", leaf("foundNumber", "3"))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("found none, and shows one", SEARCH, said(200, message("I004", leaf("foundNumber", "0") + "<nhis:results>" + leaf("note", "x") + "</nhis:results>")), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("found a word", SEARCH, said(200, message("I004", leaf("foundNumber", "много"))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("reaction to another NRN", REACTION, said(200, message("I006", leaf("nrnImmunization", NRN[::-1]))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("cancelled another", CANCEL, said(200, message("I012", leaves(nrnImmunization=NRN[::-1], status="2"))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("cancelled, yet performed", CANCEL, said(200, message("I012", leaves(nrnImmunization=NRN, status="1"))), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("broken base64", CERTIFICATE, said(200, message("I014", leaf("certificate", "abc"))), Unknown, Reason.UNREADABLE_ANSWER),
    ("no base64", CERTIFICATE, said(200, message("I014", leaf("certificate", "Ж" * 8))), Unknown, Reason.UNREADABLE_ANSWER),
    ("empty certificate", CERTIFICATE, said(200, message("I014", "")), Unknown, Reason.UNREADABLE_ANSWER),
    ("status 0", REGISTER, said(0, registered()), Unknown, Reason.UNEXPECTED_MESSAGE),
    ("status 777", REGISTER, said(777, registered()), Unknown, Reason.UNEXPECTED_MESSAGE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "answer", "kind", "reason"),
    [row[1:] for row in OTHERWISE],
    ids=[row[0] for row in OTHERWISE],
)
def test_everything_else_is_neither_success_nor_refusal(expected, answer, kind, reason):
    outcome = interpret(expected, answer, RULES, NOW)
    assert (type(outcome), outcome.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("codec", "content_type"),
    [
        ("utf-8", "application/xml"),
        ("cp1251", "application/xml; charset=windows-1251"),
        ("utf-16", "application/xml"),
        ("utf-16-le", 'text/xml;charset="UTF-16"'),
    ],
)
def test_every_encoding_of_a_refusal_reads_the_same(codec, content_type):
    plain = refusal("За пациента вече съществува запис", type_="E003")
    answer = Answer(400, {"content-type": content_type}, plain.decode().encode(codec))
    outcome = interpret(REGISTER, answer, RULES, NOW)
    assert outcome == interpret(REGISTER, said(400, plain), RULES, NOW)
    assert outcome.errors[0].reason == "За пациента вече съществува запис"


def declares(name: str) -> bytes:
    return registered().replace(b"UTF-8", name.encode())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (declares("utf8"), "application/xml"),
        (declares("US-ASCII"), "application/xml"),
        (declares("windows-1251"), "application/xml"),
        (declares("utf-16"), "application/xml; charset=utf-8"),
        (b"\r\n" + registered(), "application/xml"),
    ],
)
def test_a_declaration_that_is_wrong_harms_nothing(body, content_type):
    outcome = interpret(REGISTER, Answer(200, {"content-type": content_type}, body), RULES, NOW)
    assert isinstance(outcome, Accepted)
    assert outcome.data["nrn"] == NRN


def test_a_refused_token_asks_for_a_new_one_at_once():
    outcome = interpret(REGISTER, said(401, HTML), RULES, NOW)
    assert outcome == Retry(Reason.TOKEN_REFUSED, outcome.detail, delay=0, reauthorize=True)


def test_a_403_says_which_certificate_signed():
    outcome = interpret(REGISTER, said(403, HTML), RULES, NOW)
    assert 'signer "one" (certificate serial number 1f)' in outcome.detail


def test_what_states_that_nothing_was_processed_is_a_setting():
    careful = Rules(not_processed=frozenset(), general_errors=frozenset())
    sure = Rules(not_processed=frozenset({503}), general_errors=frozenset())
    assert isinstance(interpret(REGISTER, said(429), careful, NOW), Unknown)
    assert isinstance(interpret(REGISTER, said(503), careful, NOW), Unknown)
    assert isinstance(interpret(REGISTER, said(503), sure, NOW), Retry)
    assert isinstance(interpret(REGISTER, said(500, refusal("x", type_="E001")), careful, NOW), Rejected)


LIKE_THE_DEFAULT = replace(RULES, operator_errors=(OperatorError(rule="RL029"),))


@pytest.mark.parametrize(
    ("type_", "reason", "kind"),
    [
        ("E003", "RL029", Blocked),
        ("\u0415003", "РЛ029", Blocked),
        ("E002", "Подписът е на друго лице (рл 029)", Blocked),
        # Without a rule, and with one that forbids the action itself, it is NHIS's last word.
        ("E003", "Няма достъп", Rejected),
        ("\u0415003", "Няма достъп", Rejected),
        ("\u0415003", "РЛ047", Rejected),
        ("\u0415001", "Обща грешка", Rejected),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_in_cyrillic_letters_stays_one_or_becomes_the_operators_matter(type_, reason, kind, status):
    answer = said(status, refusal(reason, type_=type_))
    assert type(interpret(REGISTER, answer, LIKE_THE_DEFAULT, NOW)) is kind


@pytest.mark.parametrize("type_", ["\u0406002", "I0\u041e2", "\u0406099"])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_type_of_message_in_cyrillic_letters_states_nothing(type_, status):
    body = message(type_, leaves(nrnImmunization=NRN, lrn=LRN, status="1"))
    assert isinstance(interpret(REGISTER, said(status, body), LIKE_THE_DEFAULT, NOW), Unknown)


@pytest.mark.parametrize(
    ("sentence", "reference"),
    [
        (ALREADY, NRN),
        (ALREADY + ".", NRN),
        (ALREADY + "“. ", NRN),
        ("Вече има подадена имунизация с този номер", None),
        ("Вече има подадена имунизация " + NRN + " от друг лекар", None),
        ("Вече има подадена имунизация X" + NRN, None),
        ("ВЕЧЕ ИМА  ПОДАДЕН документ " + NRN, NRN),
        ("Вече има подаден " + "документ " * 1000 + NRN, "not searched"),
    ],
)
def test_the_reference_is_the_nrn_at_the_end_of_the_sentence(sentence, reference):
    outcome = interpret(REGISTER, said(400, refusal(sentence)), RULES, NOW)
    if reference == "not searched":
        assert isinstance(outcome, Rejected)
    else:
        assert isinstance(outcome, AlreadyExists)
        assert outcome.reference == reference


EXPECTED = st.sampled_from([REGISTER, SEARCH, REACTION, CANCEL, CERTIFICATE])
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text())


@given(EXPECTED, st.integers(0, 999), HEADERS, st.binary(), st.booleans())
def test_no_bytes_raise_or_count_as_success(expected, status, headers, body, truncated):
    outcome = interpret(expected, Answer(status, headers, body, truncated), RULES, NOW)
    assert isinstance(outcome, Retry | Unknown | Blocked)


VALID = [row[2].body for row in ACCEPTED + REFUSED]


@given(EXPECTED, st.sampled_from(VALID), st.data(), st.sampled_from([200, 400, 401, 500, 503]))
def test_damaged_answers_never_raise_and_succeed_only_for_whole_statements(expected, body, data, status):
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + data.draw(st.integers(0, 4)) :]
    outcome = interpret(expected, Answer(status, {}, damaged), RULES, NOW)
    if isinstance(outcome, Accepted):
        assert status == 200
        assert MESSAGE_ID.encode() in damaged
        assert f'messageType value="{expected.answer}"'.encode() in damaged
