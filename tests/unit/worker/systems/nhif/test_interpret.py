"""The table of answers: what every status with every kind of body means."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.reasons import Reason
from worker.outcome import Accepted, Blocked, Rejected, Retry, Unknown
from worker.systems.answer_settings import OperatorError
from worker.systems.nhif.catalogue.services import Media
from worker.systems.nhif.interpret import LONGEST_REASON, Expected, Rules, interpret
from worker.systems.nhif.settings import NhifSettings
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SETTINGS = NhifSettings()
RULES = Rules(SETTINGS.not_processed_statuses, SETTINGS.refusal_statuses)
JSON, XML, HTML, TEXT = "application/json; charset=utf-8", "application/xml", "text/html", "text/plain"
PAGE = b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>"
BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxx">]><a>&x;</a>'


def read(status, body=b"", media=None, *, answer=Media.ANY, truncated=False, rules=RULES, **headers):
    named = {"content-type": media} if media else {}
    expected = Expected('signer "one" (certificate serial number 1f)', answer)
    return interpret(expected, Answer(status, {**named, **headers}, body, truncated), rules, NOW)


@pytest.mark.parametrize(
    ("body", "media", "content"),
    [
        (b'{"a": [1, null, "\xd0\xb6"]}', JSON, {"json": {"a": [1, None, "ж"]}}),
        (b'{"a": 1}', None, {"json": {"a": 1}}),
        (b"[]", TEXT, {"json": []}),
        (b'\xef\xbb\xbf{"a": 1}', JSON, {"json": {"a": 1}}),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}', JSON, {"json": {"a": 1}}),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}', None, {"json": {"a": 1}}),
        (b'{"a": "\\ud83d"}', JSON, {"json": {"a": "\ufffd"}}),
        (b"null", JSON, {"json": None}),
        (b"17", "application/problem+json", {"json": 17}),
        (b"17", TEXT, {"text": "17"}),
        (b"<a><b/></a>", XML, {"xml": "<a><b/></a>"}),
        (b'<?xml version="1.0"?>\n<a/>', None, {"xml": '<?xml version="1.0"?>\n<a/>'}),
        (b"<a/>", JSON, {"xml": "<a/>"}),
        (b"OK", None, {"text": "OK"}),
        (b"\0\r\n", TEXT, {"text": "\0\r\n"}),
        ("Прието".encode("cp1251"), "text/plain; charset=windows-1251", {"text": "Прието"}),
        ("Прието".encode("cp1251"), TEXT, {"base64": "z/Do5fLu"}),
        ('{"a": "Прието"}'.encode("utf-16"), JSON, {"json": {"a": "Прието"}}),
        ('{"a": "Прието"}'.encode("utf-16-le"), JSON, {"json": {"a": "Прието"}}),
        (
            '{"a": "Прието"}'.encode("cp1251"),
            "application/json; charset=windows-1251",
            {"json": {"a": "Прието"}},
        ),
        # JSON is UTF-8, whatever the header says.
        ('{"a": "Прието"}'.encode(), "application/json; charset=iso-8859-1", {"json": {"a": "Прието"}}),
        ("<a>Прието</a>".encode("cp1251"), "application/xml; charset=windows-1251", {"xml": "<a>Прието</a>"}),
        ("<a>Прието</a>".encode("utf-16"), XML, {"xml": "<a>Прието</a>"}),
        (b"%PDF-1.4\n\xff", "application/pdf", {"base64": "JVBERi0xLjQK/w=="}),
        (b"", None, None),
        (b"", JSON, None),
    ],
)
def test_a_success_is_kept_as_it_came(body, media, content):
    outcome = read(200, body, media)
    assert isinstance(outcome, Accepted)
    expected = {"status": 200, "content": content, "bytes": len(body)}
    expected["sha256"] = hashlib.sha256(body).hexdigest()
    if media:
        expected["mediaType"] = media.partition(";")[0]
    assert outcome.data == expected
    json.dumps(dict(outcome.data), allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"{'a': 1}", JSON),
        (b'{"a": 1, "a": 2}', JSON),
        (b'{"a": NaN}', JSON),
        (b"[" * 100_000, JSON),
        (b"9" * 5000, JSON),
        (b"\xff\xfe{}", JSON),
        (b'{"a": ', "application/problem+json"),
        (b"<a><b></a>", XML),
        (b"OK", XML),
        (BOMB, XML),
    ],
)
def test_what_is_not_what_it_says_that_it_is_is_no_success(body, media):
    outcome = read(200, body, media)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is Reason.UNREADABLE_ANSWER


TABLE = [
    # (status, body, media type), what it means and why
    ((201, b"{}", JSON), Accepted, None),
    ((202, b"", None), Accepted, None),
    ((204, b"", None), Accepted, None),
    ((206, b"{}", JSON), Unknown, Reason.UNREADABLE_ANSWER),
    ((200, PAGE, HTML), Unknown, Reason.UNEXPECTED_MESSAGE),
    ((200, b"<!-- x --><html><p>Login</p></html>", None), Unknown, Reason.UNEXPECTED_MESSAGE),
    ((200, b"Forbidden", HTML), Unknown, Reason.UNEXPECTED_MESSAGE),
    ((403, PAGE, HTML), Blocked, Reason.ACCESS_DENIED),
    ((403, b"", None), Blocked, Reason.ACCESS_DENIED),
    ((403, b'{"success": true}', JSON), Blocked, Reason.ACCESS_DENIED),
    ((401, b"", None), Blocked, Reason.ACCESS_DENIED),
    ((404, PAGE, HTML), Blocked, Reason.NOT_FOUND),
    ((404, b"{}", JSON), Blocked, Reason.NOT_FOUND),
    ((405, b"", None), Blocked, Reason.CONFIGURATION),
    ((409, b"there", TEXT), Blocked, Reason.CONFIGURATION),
    ((415, b"", None), Blocked, Reason.CONFIGURATION),
    ((413, b"", None), Blocked, Reason.REQUEST_TOO_LARGE),
    ((414, b"", None), Blocked, Reason.REQUEST_TOO_LARGE),
    ((400, b'{"error": "x"}', JSON), Rejected, None),
    ((422, b"<error>x</error>", XML), Rejected, None),
    ((400, PAGE, HTML), Blocked, Reason.UNREADABLE_ANSWER),
    ((400, b"", None), Blocked, Reason.UNREADABLE_ANSWER),
    ((400, b" \r\n ", TEXT), Blocked, Reason.UNREADABLE_ANSWER),
    ((400, b"\xff\xfe", TEXT), Blocked, Reason.UNREADABLE_ANSWER),
    ((408, b"", None), Unknown, Reason.SERVER_ERROR),
    ((429, b"", None), Retry, Reason.TOO_MANY_REQUESTS),
    ((503, PAGE, HTML), Unknown, Reason.UNAVAILABLE),
    ((500, b'{"success": true}', JSON), Unknown, Reason.SERVER_ERROR),
    ((502, PAGE, HTML), Unknown, Reason.SERVER_ERROR),
    ((504, b"", None), Unknown, Reason.SERVER_ERROR),
    ((301, b"", None), Blocked, Reason.CONFIGURATION),
    ((304, b"", None), Blocked, Reason.CONFIGURATION),
    ((101, b"", None), Unknown, Reason.UNEXPECTED_MESSAGE),
    ((600, b"{}", JSON), Unknown, Reason.UNEXPECTED_MESSAGE),
    ((0, b"", None), Unknown, Reason.UNEXPECTED_MESSAGE),
]


@pytest.mark.parametrize(("answer", "kind", "reason"), TABLE)
def test_what_a_status_means(answer, kind, reason):
    outcome = read(*answer)
    assert type(outcome) is kind
    assert getattr(outcome, "reason", None) == reason


@pytest.mark.parametrize(
    ("promised", "body", "kind"),
    [
        (Media.JSON, b'{"a": 1}', Accepted),
        (Media.JSON, b"<a/>", Unknown),
        (Media.JSON, b"OK", Unknown),
        (Media.JSON, b"", Unknown),
        (Media.XML, b"<a/>", Accepted),
        (Media.XML, b"{}", Unknown),
        (Media.XML, BOMB, Unknown),
    ],
)
def test_what_the_catalogue_promises_must_come(promised, body, kind):
    assert type(read(200, body, answer=promised)) is kind


def test_a_cut_answer_is_no_success():
    assert read(200, b'{"a": 1}', JSON, truncated=True).reason == Reason.UNREADABLE_ANSWER


def test_a_refusal_has_the_body_for_its_reason_within_bounds():
    (error,) = read(422, "Ж".encode() * 10_000, TEXT).errors
    assert error.type == "422"
    assert error.reason == "Ж" * LONGEST_REASON + " …"
    assert read(400, b"\xef\xbb\xbf no such practice \n", TEXT).errors[0].reason == "no such practice"


def test_what_is_asked_for_is_waited():
    assert read(429, **{"retry-after": "7"}).delay == 7
    assert read(503, **{"retry-after": "soon"}).delay is None


def test_the_sentence_of_a_403_names_the_certificate():
    sentence = read(403).detail
    assert 'signer "one" (certificate serial number 1f)' in sentence
    assert "qualified" in sentence


def test_a_refusal_that_an_operator_must_remove_is_a_setting():
    table = (OperatorError(type="422", says="(?i)няма договор"),)
    rules = Rules(SETTINGS.not_processed_statuses, SETTINGS.refusal_statuses, table)
    said = "Практиката няма договор".encode()
    utf8 = "text/plain; charset=utf-8"
    blocked = read(422, said, utf8, rules=rules)
    assert (type(blocked), blocked.reason) == (Blocked, Reason.ACCESS_DENIED)
    assert blocked.errors[0].reason == said.decode()
    assert isinstance(read(400, said, utf8, rules=rules), Rejected)
    assert isinstance(read(422, b"no such lot", utf8, rules=rules), Rejected)


def test_statuses_are_settings():
    rules = Rules(frozenset({502}), frozenset({404, 409}))
    assert isinstance(read(502, rules=rules), Retry)
    assert isinstance(read(503, rules=rules), Unknown)
    assert isinstance(read(409, b"there", TEXT, rules=rules), Rejected)
    assert isinstance(read(404, b'{"found": 0}', JSON, rules=rules), Rejected)
    assert read(404, PAGE, HTML, rules=rules).reason == Reason.UNREADABLE_ANSWER


BODIES = (
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.sampled_from([PAGE, BOMB, b"{}"])
)
MEDIA = (
    st.none() | st.text(max_size=30) | st.sampled_from([JSON, XML, HTML, TEXT, "application/json,text/html"])
)


@given(
    status=st.integers(0, 999),
    body=BODIES,
    media=MEDIA,
    answer=st.sampled_from(Media),
    truncated=st.booleans(),
)
@example(status=200, body=b'{"a": 1' + b"0" * 5000 + b"}", media=JSON, answer=Media.ANY, truncated=False)
def test_no_bytes_raise_nor_count_as_success_wrongly(status, body, media, answer, truncated):
    outcome = read(status, body, media, answer=answer, truncated=truncated)
    if isinstance(outcome, Accepted):
        assert 200 <= status < 300
        assert not truncated
        assert outcome.data["sha256"] == hashlib.sha256(body).hexdigest()
        json.dumps(dict(outcome.data), allow_nan=False, ensure_ascii=False).encode()
        if answer is not Media.ANY:
            assert set(outcome.data["content"]) == {"base64" if answer is Media.BINARY else answer.value}
    text = body.decode("utf-8", "replace").strip()
    if len(text) > 8:
        assert text not in repr(outcome)
