"""The table of answers: what each means, hostile ones among them."""

from __future__ import annotations

import json

import pytest

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.systems.erx.answers import framed, refused, searchset, user
from tests.support.systems.erx.reading import (
    ISSUE,
    LINE,
    PNG,
    WHO,
    document,
    first,
    read,
)
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, StatedError, Unknown

UNEXPECTED, UNREADABLE = "unexpected-message", "unreadable-answer"
HTML = b"<html><head><title>404 Not Found</title></head><body>nginx</body></html>"


# The document's sample of a login that failed, as it is printed: it lacks colons, so it is no JSON.
PRINTED = (
    '{"Result": null,"Success": false,"Errors" [{"Message" "Грешно потребителско име или парола"}]}'.encode()
)


DEEP = b'{"Success": true, "Errors": [], "Result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
TABLE = [
    # (what came, operation, status, body, outcome, reason)
    ("a user", WHO, 200, framed(user()), Accepted, None),
    ("a user in other letters", WHO, 200, framed(user()).replace(b"Success", b"success"), Accepted, None),
    ("in UTF-16", WHO, 200, framed(user()).decode().encode("utf-16"), Accepted, None),
    ("in UTF-16 without a mark", WHO, 200, framed(user()).decode().encode("utf-16-le"), Accepted, None),
    ("half of UTF-16", WHO, 200, framed(user()).decode().encode("utf-16")[:-1], Unknown, UNREADABLE),
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
    ("the client's account", WHO, 200, refused("Wrong client authentication"), Blocked, "access-denied"),
    (
        "the client's account in Bulgarian",
        ISSUE,
        200,
        refused("Грешни клиентски автентикационни атрибути"),
        Blocked,
        "access-denied",
    ),
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
        AlreadyExists,
        None,
    ),
    (
        "a role that is not saved",
        "user.register",
        200,
        refused("Данните ви не са записани във FHIR. Моля обърнете се към администратора на системата"),
        AlreadyExists,
        None,
    ),
    (
        "a role, in English",
        "user.register",
        200,
        refused("PractitionerRole is not saved"),
        AlreadyExists,
        None,
    ),
    ("the same of a prescription", ISSUE, 200, refused("data integrity error"), Rejected, None),
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
    ("503", ISSUE, 503, HTML, Unknown, "unavailable"),
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
        Accepted,
        None,
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
