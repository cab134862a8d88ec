"""paymentJson: what is accepted, replaced and not accepted, and the exact bodies of it."""

from __future__ import annotations

import pytest

from tests.support.sandbox.epayment.calls import OTHER_IBAN, payment

PARSE = "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
ACCOUNT = "ElectronicServiceProviderBankAccount"


def test_an_accepted_request_has_both_keys_and_the_time_with_its_offset(call):
    answer = call.raw("paymentJson", payment())
    assert answer.content_type == "application/json"
    assert answer.body.decode() == (
        '{"unacceptedReceiptJson":null,"acceptedReceiptJson":'
        '{"id":"2612011","registrationTime":"2026-12-01T12:00:00.1234+02:00"}}'
    )


def test_a_request_that_is_not_accepted_has_both_keys(call):
    answer = call.raw("paymentJson", payment(currency=None))
    assert answer.body.decode() == (
        '{"unacceptedReceiptJson":{"validationTime":"2026-12-01T12:00:00.1234+02:00","errors":'
        '["Element \'Currency\' is required."]},"acceptedReceiptJson":null}'
    )


def test_identifiers_are_the_day_and_a_number_that_starts_again(call):
    assert [call.register(aisPaymentId=str(one), paymentReferenceNumber=str(one)) for one in range(3)] == [
        "2612011",
        "2612012",
        "2612013",
    ]
    call.wait(days=1)
    assert call.register(aisPaymentId="next day") == "2612021"


def test_names_are_read_without_their_case(call):
    content = {name.upper(): value for name, value in payment().items()}
    assert call("paymentJson", content)[1]["acceptedReceiptJson"]["id"] == "2612011"


def test_the_same_pending_request_is_replaced_under_its_identifier(call):
    first = call.register()
    call.wait(seconds=5)
    assert call.register(paymentAmount=20, paymentReason="Друга") == first
    (kept,) = call.ledger()
    assert (kept["amount"], kept["written"], kept["aisPaymentId"]) == ("20.00", 2, "HIS-1")
    assert kept["history"] == [
        {"status": "Pending", "at": "2026-12-01T10:00:00.123400+00:00", "by": "registered"}
    ]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("begin", "InProcess"),
        ("authorise", "Authorized"),
        ("order", "Ordered"),
        ("pay", "Paid"),
        ("cancel", "Canceled"),
        ("expire", "Expired"),
    ],
)
def test_a_request_that_is_no_longer_pending_is_not_replaced(call, step, status):
    call.api.control("step", {"step": step, "id": call.register()})
    assert call.errors() == [
        (
            f"Payment request with corresponding aisPaymentId has status '{status}'. "
            "Payment request replacing is allowed only when request status is 'Pending'."
        )
    ]
    assert [one["written"] for one in call.ledger()] == [1]
    (rejection,) = call.ledger("rejections")
    assert (rejection["operation"], rejection["aisPaymentId"]) == ("paymentJson", "HIS-1")


def test_an_ais_payment_id_belongs_to_one_client(call):
    first = call.register()
    status, body = call("paymentJson", payment(serviceProviderIBAN=OTHER_IBAN), client="sandbox-municipality")
    assert status == 200
    assert body["acceptedReceiptJson"]["id"] != first
    assert len(call.ledger()) == 2


def test_without_ais_payment_id_the_same_account_number_and_date_is_a_double(call):
    call.register(aisPaymentId=None)
    assert call.errors(aisPaymentId=None) == ["Заявка за плащане със същия референтен номер вече съществува!"]
    call.register(aisPaymentId=None, paymentReferenceDate="2026-12-02")
    call.register(aisPaymentId=" ", paymentReferenceNumber="REF-2")
    call.register(aisPaymentId="another", paymentReferenceNumber="REF-1")
    assert len(call.ledger()) == 4


def test_the_code_of_2024_refuses_every_number_that_was_used_also_by_the_same_request(call):
    call.api.control("settings", {"reference_numbers": "unique"})
    used = "Element 'PaymentReference.PaymentReferenceNumber' is already present in the Database."
    first = call.register()
    assert call.errors() == [used]
    assert call.errors(aisPaymentId="another", paymentReferenceNumber=" REF-1 ") == [used]
    assert call.register(paymentReferenceNumber="REF-2") == first
    assert call.register(aisPaymentId="another") != first


def test_the_code_of_2024_lets_algorithm_1_repeat_its_own_numbers_only(call):
    call.api.control("settings", {"reference_numbers": "unique"})
    first = call.register(obligationType="2")
    assert call.register(obligationType="2") == first
    call.register(aisPaymentId="zero", paymentReferenceNumber="REF-0")
    assert call.errors(aisPaymentId="x", obligationType="2", paymentReferenceNumber="REF-0") == [
        "Element 'PaymentReference.PaymentReferenceNumber' is already present in the Database for Algorithm 0."
    ]


def test_the_code_of_2024_fails_at_a_request_without_both_numbers(call):
    call.api.control("settings", {"reference_numbers": "unique"})
    content = payment(aisPaymentId=None, paymentReferenceNumber=None)
    assert call("paymentJson", content) == (500, {"Message": "An error has occurred."})


def test_algorithm_2_ends_the_earlier_request_and_makes_another(call):
    first = call.register(obligationType="3")
    second = call.register(obligationType="3")
    assert first != second
    assert (call.status_of(first), call.status_of(second)) == ("expired", "pending")
    assert call.ledger("callbacks") == []


@pytest.mark.parametrize(("step", "word"), [("pay", "paid"), ("begin", "inProcess")])
def test_algorithm_2_refuses_a_number_that_is_paid_or_being_paid(call, step, word):
    call.api.control("step", {"step": step, "id": call.register(obligationType="3")})
    assert call.errors(obligationType="3") == [
        (
            "Element 'PaymentReference.PaymentReferenceNumber' validation failed. "
            f"A payment with this referenceNumber and status {word} exists."
        )
    ]
    call.register(obligationType="3", aisPaymentId="another")


@pytest.mark.parametrize(
    ("field", "error"),
    [
        (
            "serviceProviderName",
            "Element 'ElectronicServiceProviderBasicData.EntityBasicData.Name' is required.",
        ),
        ("serviceProviderBank", f"Element '{ACCOUNT}.EntityBasicData.Name' is required."),
        ("serviceProviderBIC", f"Element '{ACCOUNT}.BIC' is required."),
        ("currency", "Element 'Currency' is required."),
        ("paymentReason", "Element 'PaymentReason' is required."),
        ("paymentReferenceNumber", "Element 'PaymentReference.PaymentReferenceNumber' is required."),
        ("paymentReferenceDate", "Element 'PaymentReference.PaymentReferenceDate' is required."),
        ("expirationDate", "Element 'PaymentRequestExpirationDate' is required."),
        ("applicantName", "Recipient name in 'ElectronicServiceRecipient' (Person or Entity) is required."),
    ],
)
def test_what_is_missing_is_named(call, field, error):
    assert call.errors(**{field: None}) == [error]
    if field not in {"paymentReferenceDate", "expirationDate"}:
        assert call.errors(**{field: "  "}) == [error]
    assert call.ledger() == []


def test_an_entity_needs_an_identifier(call):
    assert call.errors(applicantUinTypeId=3, applicantUin=None) == [
        "Recipient identifier in 'ElectronicServiceRecipient' (Person or Entity) is required."
    ]


def test_every_error_is_told_in_the_order_of_the_code(call):
    assert call.errors(
        serviceProviderName=None,
        currency=None,
        paymentReason=None,
        paymentReferenceDate=None,
        expirationDate="2026-12-01T12:00:00",
    ) == [
        "Element 'ElectronicServiceProviderBasicData.EntityBasicData.Name' is required.",
        "Element 'Currency' is required.",
        "Element 'PaymentReason' is required.",
        "Element 'PaymentReference.PaymentReferenceDate' is required.",
        "Value of 'PaymentRequestExpirationDate' should be greater than current date.",
    ]


@pytest.mark.parametrize(
    ("expires", "accepted"),
    [
        ("2026-12-01T12:00:00", False),
        ("2026-12-01T12:00:00.1234", False),
        ("2026-12-01T12:00:00.1235", True),
        ("2026-12-01T12:00:01", True),
        ("2026-12-01T10:00:00+00:00", False),
        ("2026-12-01T10:00:01+00:00", True),
        ("2026-12-01", False),
        ("2026-12-02", True),
        # The digits of a time in UTC are compared with those of the local clock.
        ("2026-12-01T10:30:00Z", False),
        ("2026-12-01T12:30:00Z", True),
    ],
)
def test_the_expiration_is_compared_with_the_clock_on_the_wall(call, expires, accepted):
    if accepted:
        assert call.register(expirationDate=expires) == "2612011"
    else:
        assert call.errors(expirationDate=expires) == [
            "Value of 'PaymentRequestExpirationDate' should be greater than current date."
        ]


def test_another_account_than_the_clients_is_refused(call):
    for iban in (OTHER_IBAN, None, "", "bg71sbxa00000000000001"):
        content = payment(serviceProviderIBAN=iban)
        assert call.refused("paymentJson", content) == "Requested IBAN must match the AIS client IBAN"


def test_the_currency_is_a_setting(call):
    (error,) = call.errors(currency="BGN")
    assert error == "Invented by Herald's sandbox: the currency is none of EUR."
    call.api.control("settings", {"currencies": ["BGN", "EUR"]})
    call.register(currency="BGN")
    call.api.control("settings", {"currencies": None})
    call.register(currency="XXX")


def test_an_obligation_type_that_is_not_there(call):
    assert call.errors(obligationType="99") == [
        "Element Obligation type must be valid integer.",
        "Element 'PaymentReference.ObligationType' is not present in the Database.",
    ]
    assert call("paymentJson", payment(obligationType="вид"))[0] == 500


@pytest.mark.parametrize(
    "changes",
    [
        {"paymentAmount": None},
        {"applicantUinTypeId": "EGN"},
        {"applicantUinTypeId": True},
        {"expirationDate": "31.12.2026"},
        {"expirationDate": "2026-02-30"},
        {"expirationDate": 20261231},
        {"paymentReason": ["a"]},
        {"paymentReason": {"a": 1}},
    ],
)
def test_a_value_of_another_type_is_no_data(call, changes):
    assert call.refused("paymentJson", payment(**changes)) == PARSE


def test_scalars_are_taken_for_texts(call):
    call.register(paymentReferenceNumber=17, applicantUinTypeId="1")
    assert call.ledger()[0]["paymentReferenceNumber"] == "17"


@pytest.mark.parametrize(
    ("field", "most"),
    [("paymentReason", 200), ("paymentReferenceNumber", 50), ("administrativeServiceUri", 100)],
)
def test_a_text_longer_than_its_column_ends_in_500_without_a_reason(call, field, most):
    for text in ("я" * (most + 1), "💊" * (most // 2 + 1)):
        answer = call("paymentJson", payment(**{field: text}))
        assert answer == (500, {"Message": "An error has occurred."})
    assert call.ledger() == []
    call.register(**{field: "я" * most})
