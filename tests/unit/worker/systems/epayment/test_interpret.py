"""The tables of answers: what each means, hostile ones among them."""

from __future__ import annotations

import json

import pytest

from contracts.registry import EVENT_TYPES
from tests.support.systems.epayment.answers import (
    NO_CURRENCY,
    NOT_PENDING,
    NUMBER_TAKEN,
    PAYMENT_ID,
    REPLACING,
    UNPARSED,
    encoded,
    listed,
    message,
    page,
    statuses,
    taken,
    untaken,
)
from tests.support.systems.epayment.reading import epayment_settings, read
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, Unknown
from worker.systems.epayment.interpret import Rules

REQUEST, EXTENDED, STATUS = "payment.request", "payment.request-extended", "payment.status"
SEARCH, SUSPEND, PAID, CODE = "payment.search", "payment.suspend", "payment.set-paid", "access-code.read"
UNEXPECTED, UNREADABLE = "unexpected-message", "unreadable-answer"
HTML = b"<html><head><title>Sign in</title></head><body>success</body></html>"
XSD = "Xsd schema validation errors occurred:\r\n1. The 'Currency' element is invalid.\r\n2. Another.\r\n"
DEEP = b'{"acceptedReceiptJson": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NO_ID = {"id": None, "registrationTime": "2025-03-14T11:30:00", "accessCode": ""}


REQUESTS = [
    # (what came, operation, status, body, outcome, reason)
    ("accepted", REQUEST, 200, taken(), Accepted, None),
    ("accepted, in other letters", REQUEST, 200, taken().replace(b"acceptedR", b"AcceptedR"), Accepted, None),
    ("accepted, in UTF-16", REQUEST, 200, taken().decode().encode("utf-16"), Accepted, None),
    ("accepted, after a byte order mark", REQUEST, 200, b"\xef\xbb\xbf" + taken(), Accepted, None),
    ("accepted, with 201", REQUEST, 201, taken(), Accepted, None),
    ("accepted, extended", EXTENDED, 200, taken(accessCode="A1"), Accepted, None),
    ("accepted, extended, without a code", EXTENDED, 200, taken(accessCode=None), Accepted, None),
    ("accepted, half of it", REQUEST, 200, taken()[:-5], Unknown, UNREADABLE),
    ("accepted, with 206", REQUEST, 206, taken(), Unknown, UNREADABLE),
    ("an id that is null", REQUEST, 200, taken(None), Unknown, UNEXPECTED),
    ("an id that is null, extended", EXTENDED, 200, taken(None), Unknown, UNEXPECTED),
    ("an id that is empty", REQUEST, 200, taken(""), Unknown, UNEXPECTED),
    ("an id that is a number", REQUEST, 200, taken(1), Unknown, UNEXPECTED),
    ("an id that is true", REQUEST, 200, taken(payment_id=True), Unknown, UNEXPECTED),
    ("an id with a line break", REQUEST, 200, taken("1\n2"), Unknown, UNEXPECTED),
    ("an id of 51 characters", REQUEST, 200, taken("1" * 51), Unknown, UNEXPECTED),
    ("two ids, in two cases", REQUEST, 200, taken(Id="2"), Unknown, UNEXPECTED),
    (
        "an accepted receipt that is true",
        REQUEST,
        200,
        encoded({"acceptedReceiptJson": True, "unacceptedReceiptJson": None}),
        Unknown,
        UNEXPECTED,
    ),
    (
        "an accepted receipt alone",
        REQUEST,
        200,
        encoded({"acceptedReceiptJson": {"id": "1"}}),
        Unknown,
        UNEXPECTED,
    ),
    (
        "an unaccepted receipt alone",
        REQUEST,
        200,
        encoded({"unacceptedReceiptJson": {"errors": ["x"]}}),
        Unknown,
        UNEXPECTED,
    ),
    ("both receipts", REQUEST, 200, untaken("x", accepted={"id": "1"}), Unknown, UNEXPECTED),
    ("both receipts, extended", EXTENDED, 200, untaken("x", accepted={"id": "1"}), Unknown, UNEXPECTED),
    ("both receipts, the plain id null", REQUEST, 200, untaken("x", accepted=NO_ID), Unknown, UNEXPECTED),
    (
        "neither receipt",
        REQUEST,
        200,
        encoded({"unacceptedReceiptJson": None, "acceptedReceiptJson": None}),
        Unknown,
        UNEXPECTED,
    ),
    (
        "neither receipt, extended",
        EXTENDED,
        200,
        encoded({"unacceptedReceiptJson": None, "acceptedReceiptJson": NO_ID}),
        Unknown,
        UNEXPECTED,
    ),
    (
        "a receipt twice",
        REQUEST,
        200,
        b'{"acceptedReceiptJson":{"id":"1"},"acceptedReceiptJson":{"id":"2"},"unacceptedReceiptJson":null}',
        Unknown,
        UNREADABLE,
    ),
    (
        "a receipt twice, in two cases",
        REQUEST,
        200,
        b'{"acceptedReceiptJson":{"id":"1"},"AcceptedReceiptJson":null,"unacceptedReceiptJson":null}',
        Unknown,
        UNEXPECTED,
    ),
    ("refused", REQUEST, 200, untaken(NO_CURRENCY), Rejected, None),
    (
        "refused, extended: an accepted receipt without an id",
        EXTENDED,
        200,
        untaken(NO_CURRENCY, accepted=NO_ID),
        Rejected,
        None,
    ),
    ("refused, extended: no accepted receipt", EXTENDED, 200, untaken(NO_CURRENCY), Rejected, None),
    ("refused without a reason", REQUEST, 200, untaken(), Rejected, None),
    (
        "refused with reasons that are no texts",
        REQUEST,
        200,
        encoded({"unacceptedReceiptJson": {"errors": [1, {}]}, "acceptedReceiptJson": None}),
        Rejected,
        None,
    ),
    (
        "a refusal that is a text",
        REQUEST,
        200,
        encoded({"unacceptedReceiptJson": "no", "acceptedReceiptJson": None}),
        Unknown,
        UNEXPECTED,
    ),
    ("the hospital's id is there, and paid", REQUEST, 200, untaken(REPLACING), AlreadyExists, None),
    ("it is there, extended", EXTENDED, 200, untaken(REPLACING, accepted=NO_ID), AlreadyExists, None),
    (
        "it is there, and something else is wrong",
        REQUEST,
        200,
        untaken(REPLACING, NO_CURRENCY),
        Rejected,
        None,
    ),
    ("the reference is another's", REQUEST, 200, untaken(NUMBER_TAKEN), Rejected, None),
    ("a page of a portal", REQUEST, 200, HTML, Unknown, UNREADABLE),
    ("nothing at all", REQUEST, 200, b"", Unknown, UNREADABLE),
    ("nothing at all, 204", REQUEST, 204, b"", Unknown, UNREADABLE),
    ("a text", REQUEST, 200, b'"accepted"', Unknown, UNEXPECTED),
    ("a list", REQUEST, 200, b"[]", Unknown, UNEXPECTED),
    ("null", REQUEST, 200, b"null", Unknown, UNREADABLE),
    ("nested without end", REQUEST, 200, DEEP, Unknown, UNREADABLE),
    ("bytes that are no text", REQUEST, 200, b"\xff\xfe\xfd", Unknown, UNREADABLE),
    ("an error that says 200", REQUEST, 200, message("An error has occurred."), Unknown, UNEXPECTED),
    (
        "the HMAC is refused",
        REQUEST,
        401,
        message("Authorization has been denied for this request."),
        Blocked,
        "access-denied",
    ),
    ("access is refused", REQUEST, 403, HTML, Blocked, "access-denied"),
    ("the data is unreadable", REQUEST, 400, message(UNPARSED), Blocked, "configuration"),
    (
        "the data is unreadable, extended",
        EXTENDED,
        400,
        message("request body can not be deserialize, please take a look"),
        Blocked,
        "configuration",
    ),
    (
        "another account",
        REQUEST,
        400,
        message("Requested IBAN must match the AIS client IBAN"),
        Blocked,
        "configuration",
    ),
    (
        "an unknown initiator",
        EXTENDED,
        400,
        message("Service Client can not be found"),
        Blocked,
        "configuration",
    ),
    (
        "no client in the extended form",
        EXTENDED,
        400,
        message("EserviceClientId is mandatory"),
        Rejected,
        None,
    ),
    ("the system's own schema", REQUEST, 400, message(XSD), Rejected, None),
    ("a 400 in small letters", REQUEST, 400, encoded({"message": "anything"}), Rejected, None),
    ("a 400 without a reason", REQUEST, 400, b"{}", Blocked, UNREADABLE),
    ("a 400 of a gateway", REQUEST, 400, HTML, Blocked, UNREADABLE),
    ("a receipt with 400", REQUEST, 400, taken(), Blocked, UNREADABLE),
    ("a receipt with 500", REQUEST, 500, taken(), Unknown, "server-error"),
    ("an error has occurred", REQUEST, 500, message("An error has occurred."), Unknown, "server-error"),
    ("unavailable", REQUEST, 503, HTML, Unknown, "unavailable"),
    ("too many requests", REQUEST, 429, b"", Retry, "too-many-requests"),
    ("no such method", REQUEST, 404, message("No HTTP resource was found"), Blocked, "not-found"),
    ("another address", REQUEST, 302, b"", Blocked, "configuration"),
    ("too large", REQUEST, 413, b"", Blocked, "request-too-large"),
    ("an early hint", REQUEST, 100, taken(), Unknown, UNEXPECTED),
]

OTHERS = [
    ("two statuses", STATUS, 200, statuses((PAYMENT_ID, "paid"), ("2503142", None)), Accepted, None),
    ("in another order", STATUS, 200, statuses(("2503142", None), (PAYMENT_ID, "PAID")), Accepted, None),
    (
        "empty texts for one that is not there",
        STATUS,
        200,
        statuses((PAYMENT_ID, "Paid"), ("2503142", "")),
        Accepted,
        None,
    ),
    (
        "a word that nobody knows",
        STATUS,
        200,
        statuses((PAYMENT_ID, "refunded"), ("2503142", None)),
        Accepted,
        None,
    ),
    ("one status less", STATUS, 200, statuses((PAYMENT_ID, "paid")), Unknown, UNEXPECTED),
    (
        "one status more",
        STATUS,
        200,
        statuses((PAYMENT_ID, "paid"), ("2503142", None), ("9", "paid")),
        Unknown,
        UNEXPECTED,
    ),
    ("another's status", STATUS, 200, statuses((PAYMENT_ID, "paid"), ("9", "paid")), Unknown, UNEXPECTED),
    (
        "one status twice",
        STATUS,
        200,
        statuses((PAYMENT_ID, "paid"), (PAYMENT_ID, "pending")),
        Unknown,
        UNEXPECTED,
    ),
    ("a status as a number", STATUS, 200, statuses((PAYMENT_ID, 4), ("2503142", None)), Unknown, UNEXPECTED),
    ("a status as true", STATUS, 200, statuses((PAYMENT_ID, True), ("2503142", None)), Unknown, UNEXPECTED),
    (
        "no status at all",
        STATUS,
        200,
        statuses((PAYMENT_ID, "paid"), ("2503142", None)).replace(b'"status"', b'"state"'),
        Unknown,
        UNEXPECTED,
    ),
    (
        "two statuses of one, in two cases",
        STATUS,
        200,
        statuses((PAYMENT_ID, "paid"), ("2503142", None)).replace(
            b'"status": null', b'"status": null, "Status": "paid"'
        ),
        Unknown,
        UNEXPECTED,
    ),
    (
        "ids as numbers",
        STATUS,
        200,
        encoded({"paymentStatuses": [{"id": 2503141, "status": "paid"}, {"id": 2503142, "status": None}]}),
        Unknown,
        UNEXPECTED,
    ),
    ("no list", STATUS, 200, encoded({"paymentStatuses": {"id": PAYMENT_ID}}), Unknown, UNEXPECTED),
    ("an empty list", STATUS, 200, statuses(), Unknown, UNEXPECTED),
    ("entries that are none", STATUS, 200, encoded({"paymentStatuses": [1, None]}), Unknown, UNEXPECTED),
    ("an empty object", STATUS, 200, b"{}", Unknown, UNEXPECTED),
    ("a page", STATUS, 200, HTML, Unknown, UNREADABLE),
    ("nothing", STATUS, 200, b"", Unknown, UNREADABLE),
    (
        "another client's request",
        STATUS,
        400,
        message("Not authorized to access payment request."),
        Blocked,
        "access-denied",
    ),
    ("unreadable", STATUS, 400, message(UNPARSED), Blocked, "configuration"),
    ("refused", STATUS, 401, b"", Blocked, "access-denied"),
    (
        "statuses with 500",
        STATUS,
        500,
        statuses((PAYMENT_ID, "paid"), ("2503142", None)),
        Unknown,
        "server-error",
    ),
    ("statuses with 203", STATUS, 203, statuses((PAYMENT_ID, "paid"), ("2503142", None)), Accepted, None),
    ("a gateway's timeout", STATUS, 504, HTML, Unknown, "server-error"),
    ("a list", SEARCH, 200, page(listed()), Accepted, None),
    ("an empty list of a payer", SEARCH, 200, page(), Accepted, None),
    ("a list without a count", SEARCH, 200, page(listed(), count=None), Accepted, None),
    ("a count that is too small", SEARCH, 200, page(listed(), count=0), Unknown, UNEXPECTED),
    ("a count as a text", SEARCH, 200, page(listed(), count="1"), Unknown, UNEXPECTED),
    ("another payer's requests", SEARCH, 200, page(listed(applicantUin="1003000022")), Unknown, UNEXPECTED),
    ("more than a page", SEARCH, 200, page(*[listed()] * 21), Unknown, UNEXPECTED),
    (
        "entries without a result",
        SEARCH,
        200,
        encoded({"count": 1, "paymentStatuses": [{"result": None}]}),
        Unknown,
        UNEXPECTED,
    ),
    ("suspended: an empty object", SUSPEND, 200, b"{}", Accepted, None),
    ("suspended: nothing, as the document has it", SUSPEND, 200, b"", Accepted, None),
    ("suspended: 204", SUSPEND, 204, b"", Accepted, None),
    ("suspended: a page", SUSPEND, 200, HTML, Unknown, UNREADABLE),
    ("suspended: null", SUSPEND, 200, b"null", Unknown, UNREADABLE),
    ("suspended: an error with 200", SUSPEND, 200, message(NOT_PENDING), Unknown, UNEXPECTED),
    ("suspended: not pending", SUSPEND, 400, message(NOT_PENDING), Rejected, None),
    ("suspended: not there", SUSPEND, 400, message("Payment request not found."), Rejected, None),
    ("paid: an empty object", PAID, 200, b"{}", Accepted, None),
    ("paid: another object", PAID, 200, b'{"status":"pending"}', Unknown, UNEXPECTED),
    ("paid: not pending", PAID, 400, message(NOT_PENDING), Rejected, None),
    ("paid: failed", PAID, 500, b"", Unknown, "server-error"),
    ("a code", CODE, 200, encoded({"accessCode": "A1B2"}), Accepted, None),
    ("no code, by the server", CODE, 200, encoded({"accessCode": None}), Rejected, None),
    ("no code, by the document", CODE, 200, encoded({"accessCode": ""}), Rejected, None),
    ("a code that is a number", CODE, 200, encoded({"accessCode": 1}), Unknown, UNEXPECTED),
    ("no word of a code", CODE, 200, b"{}", Unknown, UNEXPECTED),
]


@pytest.mark.parametrize(
    ("name", "status", "body", "kind", "reason"),
    [row[1:] for row in (*REQUESTS, *OTHERS)],
    ids=[f"{row[1]}: {row[0]}" for row in (*REQUESTS, *OTHERS)],
)
def test_what_an_answer_means(name, status, body, kind, reason):
    outcome = read(name, status, body)
    assert type(outcome) is kind
    assert getattr(outcome, "reason", None) == reason
    if isinstance(outcome, Accepted):
        EVENT_TYPES[f"epayment.{name}.v1"].result.model_validate(outcome.data, by_alias=True, by_name=False)


def test_an_answer_that_was_cut_states_nothing():
    for name, body in ((REQUEST, taken()), (SUSPEND, b""), (STATUS, statuses((PAYMENT_ID, "paid")))):
        assert read(name, 200, body, truncated=True).reason == UNREADABLE


def test_an_accepted_request_is_known_by_the_systems_own_id():
    outcome = read(EXTENDED, 200, taken(accessCode="A1"))
    assert outcome.reference == PAYMENT_ID
    assert outcome.data == {
        "paymentId": PAYMENT_ID,
        "registrationTime": "2025-03-14T11:30:00.1234567+02:00",
        "accessCode": "A1",
    }
    assert read(REQUEST, 200, taken(accessCode="A1")).data.keys() == {"paymentId", "registrationTime"}


def test_questions_and_changes_do_not_take_over_what_calls_belong_to():
    for name, body in ((STATUS, statuses((PAYMENT_ID, "paid"), ("2503142", None))), (PAID, b"{}")):
        assert read(name, 200, body).reference is None


def test_a_refusal_is_told_error_by_error():
    assert [one.reason for one in read(REQUEST, 200, untaken(NO_CURRENCY, NUMBER_TAKEN)).errors] == [
        NO_CURRENCY,
        NUMBER_TAKEN,
    ]
    assert [(one.type, one.reason) for one in read(REQUEST, 400, message(XSD)).errors] == [
        ("xsd", "The 'Currency' element is invalid."),
        ("xsd", "Another."),
    ]


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        *((spelled, "paid") for spelled in ("PAID", "paid", "Paid", "pAiD")),
        *((spelled, "in-process") for spelled in ("InProcess", "inProcess", "INPROCESS", "INPROGRESS")),
        ("CANCELED", "canceled"),
        ("pending", "pending"),
        # None of these is "paid": other letters, spaces, numbers, more words.
        *(
            (other, None)
            for other in ("Раid", "paid ", " paid", "4", "unpaid", "paid?", "PAİD", "prepaid", "pa\u0131d")
        ),
    ],
)
def test_a_status_has_one_name_and_paid_is_never_guessed(stated, name):
    (first, _) = read(STATUS, 200, statuses((PAYMENT_ID, stated), ("2503142", None))).data["payments"]
    assert (first.get("status"), first["statedStatus"], first["found"]) == (name, stated, True)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        (24.5, "24.50"),
        (24, "24.00"),
        ("24.50", "24.50"),
        (0.1 + 0.2, None),
        (1234567.89, "1234567.89"),
        ("24,50", None),
        (True, None),
        (None, None),
        ("1e3", None),
        (1.2345, "1.2345"),
        ([24], None),
    ],
)
def test_amounts_are_read_by_their_digits(stated, shown):
    (found,) = read(SEARCH, 200, page(listed(paymentAmount=stated))).data["payments"]
    assert found.get("amount") == shown


def test_what_an_operator_calls_his_own_is_blocked():
    settings = epayment_settings(operator_errors=[{"says": "is required"}])
    rules = Rules(frozenset(), settings.already_exists, settings.operator_errors)
    outcome = read(REQUEST, 200, untaken(NO_CURRENCY), rules=rules)
    assert (type(outcome), [one.reason for one in outcome.errors]) == (Blocked, [NO_CURRENCY])


def test_no_sentence_quotes_the_answer():
    secret = "7223154154"
    for status in (200, 400, 401, 404, 500):
        for name in (REQUEST, STATUS, SUSPEND):
            outcome = read(name, status, json.dumps({"x": secret}).encode())
            assert secret not in repr(outcome)


XSD_ECHO = (
    "Xsd schema validation errors occurred:\r\n1. The 'http://ereg.egov.bg/segment/0009-000006:EGN' element is invalid "
    "- The value '7223154154' is invalid according to its datatype - The Pattern constraint failed.\r\n"
)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, message(XSD_ECHO)),
        (400, message("Requested IBAN must match the AIS client IBAN of 7223154154")),
        (400, message("Not authorized to access payment request. 7223154154")),
        (200, untaken("Element of 7223154154 is required.")),
        (200, untaken("Payment request with corresponding aisPaymentId has status 'Paid'. 7223154154")),
    ],
)
@pytest.mark.parametrize("operators", [[], [{"says": "7223154154"}]])
def test_errors_that_repeat_what_was_sent_are_in_no_sentence_and_no_repr(status, body, operators):
    settings = epayment_settings(operator_errors=operators)
    rules = Rules(frozenset(), settings.already_exists, settings.operator_errors)
    outcome = read(REQUEST, status, body, rules=rules)
    assert any("7223154154" in (one.reason or "") for one in outcome.errors)
    assert "7223154154" not in repr(outcome)
    assert "7223154154" not in getattr(outcome, "detail", "")
