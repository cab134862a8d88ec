"""What the XSD refuses: 400 with every error numbered. An empty text is not an absent one."""

from __future__ import annotations

import pytest

from tests.support.sandbox.epayment.calls import payment


def refusal(call, **changes):
    text = call.refused("paymentJson", payment(**changes))
    head, *lines = text.split("\r\n")
    assert head == "Xsd schema validation errors occurred:"
    assert lines.pop() == ""
    assert [line.split(". ")[0] for line in lines] == [str(number + 1) for number in range(len(lines))]
    return lines


@pytest.mark.parametrize(
    ("field", "element"),
    [
        ("serviceProviderName", "Name"),
        ("serviceProviderBank", "Name"),
        ("serviceProviderBIC", "BIC"),
        ("currency", "Currency"),
        ("paymentTypeCode", "PaymentCode"),
        ("obligationType", "ObligationType"),
        ("paymentReason", "PaymentReason"),
        ("paymentReferenceType", "PaymentReferenceType"),
        ("paymentReferenceNumber", "PaymentReferenceNumber"),
        ("additionalInformation", "AdditionalInformationInPaymentRequest"),
        ("administrativeServiceUri", "SUNAUServiceURI"),
        ("administrativeServiceSupplierUri", "ElectronicAdministrativeServiceSupplierUriRA"),
        ("administrativeServiceNotificationURL", "ElectronicAdministrativeServiceNotificationURL"),
    ],
)
def test_an_empty_text_is_refused(call, field, element):
    (line,) = refusal(call, **{field: ""})
    assert f":{element}' element is invalid - The value '' is invalid" in line
    assert line.endswith(f"The actual length is less than the MinLength value. (Element: {element})")


@pytest.mark.parametrize("uin", ["", "123", "12345678901", "9913011234", "99013a1234", "٩٩٠١٠١١٢٣٤"])
def test_an_egn_has_ten_digits_with_a_month_and_a_day(call, uin):
    (line,) = refusal(call, applicantUin=uin)
    assert line.endswith("The Pattern constraint failed. (Element: EGN)")


def test_a_foreigners_number_has_ten_digits(call):
    call.register(applicantUinTypeId=2, applicantUin="1234567890")
    (line,) = refusal(call, applicantUinTypeId=2, applicantUin="123456789")
    assert line.endswith("(Element: LNCh)")


def test_a_person_without_an_identifier(call):
    (line,) = refusal(call, applicantUin=None)
    assert "The element 'Identifier'" in line
    assert "incomplete content" in line


@pytest.mark.parametrize("kind", [None, 0, 4])
def test_a_payer_of_no_kind(call, kind):
    (line,) = refusal(call, applicantUinTypeId=kind)
    assert "The element 'ElectronicServiceRecipient'" in line


@pytest.mark.parametrize(
    ("name", "element"),
    [("А" * 31, "First"), (f"А {'Б' * 31} В", "Middle"), (f"А {'Б' * 51}", "Last")],
)
def test_names_have_a_longest_length(call, name, element):
    (line,) = refusal(call, applicantName=name)
    assert line.endswith(f"The actual length is greater than the MaxLength value. (Element: {element})")


def test_a_name_of_the_longest_length(call):
    call.register(applicantName=f"{'А' * 30} {'Б' * 30} {'В' * 50}")


def test_a_negative_amount(call):
    (line,) = refusal(call, paymentAmount=-0.01)
    assert line.endswith("The MinInclusive constraint failed. (Element: PaymentAmount)")


def test_all_errors_come_together(call):
    assert len(refusal(call, currency="", paymentReason="", applicantUin="1")) == 3


def test_the_schema_is_asked_before_the_rules(call):
    (line,) = refusal(call, currency="", expirationDate=None)
    assert "(Element: Currency)" in line
