"""Look-ups: the query for each submission in doubt, and what its answer settles."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.epayment.examples import REQUEST as EXAMPLE
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.epayment.answers import (
    NO_CURRENCY,
    NOT_PENDING,
    NUMBER_TAKEN,
    PAYMENT_ID,
    REPLACING,
    listed,
    message,
    page,
    statuses,
)
from tests.support.systems.epayment.reading import NOW, epayment_settings
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected, Retry, StatedError, Unknown
from worker.systems.epayment.checks import MessageSchemas
from worker.systems.epayment.credentials import read_secrets
from worker.systems.epayment.system import EpaymentSystem
from worker.systems.port import Attempt, Recovery
from worker.transport.port import Answer

REQUEST, EXTENDED = "epayment.payment.request.v1", "epayment.payment.request-extended.v1"
SUSPEND, PAID = "epayment.payment.suspend.v1", "epayment.payment.set-paid.v1"
ATTEMPT = Attempt(2, "message-2", NOW, "INV-2025-000123")
SCHEMAS = MessageSchemas.load()
LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer came")


def refused(*reasons):
    return Rejected(tuple(StatedError(type=None, reason=one) for one in reasons))


EXISTS = AlreadyExists(refused(REPLACING).errors)


def system(**changes):
    settings = epayment_settings(**changes)
    client = ScriptedClient([Answer(404, {}, b"")])
    return EpaymentSystem(
        settings, secrets=read_secrets(settings), schemas=SCHEMAS, client=client, now=lambda: NOW
    )


async def asked(event_type, found, data=None, **changes):
    """The address and the message of the look-up."""
    made = await system(**changes).prepare_look_up(submission(event_type, data), ATTEMPT, found)
    if made is None:
        return None
    fields = parse_qs(made.request.decode())
    return made.url.rpartition("/")[2], json.loads(base64.b64decode(fields["data"][0]))


@pytest.mark.parametrize(
    ("event_type", "found", "method"),
    [
        (REQUEST, EXISTS, "paymentStatusJson"),
        (REQUEST, refused(NUMBER_TAKEN), "pendingPaymentStatusJson"),
        (REQUEST, LOST, "pendingPaymentStatusJson"),
        (EXTENDED, EXISTS, "paymentStatusJson"),
        (EXTENDED, refused(NO_CURRENCY), "pendingPaymentStatusJson"),
    ],
)
async def test_a_request_is_looked_up_in_its_payers_list(event_type, found, method):
    listed_of = {"applicantUin": "7223154154", "pageNumber": 1, "pageSize": 200}
    assert await asked(event_type, found) == (method, listed_of)


@pytest.mark.parametrize("event_type", [SUSPEND, PAID])
async def test_a_change_is_looked_up_by_its_status(event_type):
    assert await asked(event_type, refused(NOT_PENDING)) == ("paymentsStatus", {"requestIds": [PAYMENT_ID]})


async def test_nothing_shows_an_organisations_requests_and_questions_need_no_look_up():
    payer = {"identifierType": "bulstat", "identifier": "000000001", "name": "Измислен"}
    assert await asked(REQUEST, EXISTS, {**EXAMPLE, "payer": payer}) is None
    assert await asked("epayment.payment.status.v1", LOST) is None
    assert await asked("epayment.access-code.read.v1", LOST) is None


OTHER = listed(id="9", paymentReferenceNumber="2025-000124")
TABLE = [
    # (what is shown, what was found, the answer's body, outcome)
    ("our request, paid", EXISTS, page(listed(status="paid")), Accepted),
    ("our request among others", EXISTS, page(OTHER, listed()), Accepted),
    ("our request, without a count", EXISTS, page(listed(), count=None), Accepted),
    ("our request, by a text of its amount", EXISTS, page(listed(paymentAmount="24.5000")), Accepted),
    ("our request, after a refusal of its number", refused(NUMBER_TAKEN), page(listed()), Accepted),
    ("our request, after any refusal", refused(NO_CURRENCY), page(listed()), Accepted),
    ("our request, after a lost answer", LOST, page(listed()), Accepted),
    ("another amount", EXISTS, page(listed(paymentAmount=24.51)), Rejected),
    ("another currency", EXISTS, page(listed(currency="BGN")), Rejected),
    ("another reason", EXISTS, page(listed(paymentReason="друго")), Rejected),
    ("no amount", EXISTS, page(listed(paymentAmount=None)), Rejected),
    (
        "another amount under a number that is taken",
        refused(NUMBER_TAKEN),
        page(listed(paymentAmount=1)),
        Rejected,
    ),
    ("another amount after a lost answer", LOST, page(listed(paymentAmount=1)), Unknown),
    ("another account", EXISTS, page(listed(serviceProviderIBAN="BG11")), Unknown),
    (
        "our request, its expiry with an offset",
        EXISTS,
        page(listed(expirationDate="2035-12-31T21:59:59Z")),
        Accepted,
    ),
    ("another expiry", EXISTS, page(listed(expirationDate="2036-01-31T23:59:59")), Rejected),
    ("an expiry that is no time", EXISTS, page(listed(expirationDate="soon")), Rejected),
    ("our request, paid by card", EXISTS, page(listed(status="AUTHORIZED")), Accepted),
    ("our request, expired", EXISTS, page(listed(status="expired")), Rejected),
    ("our request, canceled by the payer", EXISTS, page(listed(status="Canceled")), Rejected),
    ("our request, withdrawn", EXISTS, page(listed(status="suspended")), Rejected),
    ("our request, in a status that nobody knows", EXISTS, page(listed(status="refunded")), Unknown),
    ("our request, without a status", EXISTS, page(listed(status=None)), Unknown),
    ("another day", EXISTS, page(listed(paymentReferenceDate="2025-03-15T00:00:00")), Unknown),
    ("nothing, though it exists", EXISTS, page(), Unknown),
    ("nothing, after a refusal of its number", refused(NUMBER_TAKEN), page(OTHER), Unknown),
    ("nothing, after a refusal that a repetition cannot cause", refused(NO_CURRENCY), page(OTHER), Rejected),
    ("nothing, after both", refused(NO_CURRENCY, NUMBER_TAKEN), page(), Unknown),
    ("nothing, after a lost answer", LOST, page(OTHER), Unknown),
    ("two of one reference", EXISTS, page(listed(), listed(id="9")), Unknown),
    ("ours, and there are more pages", EXISTS, page(listed(), count=201), Unknown),
    ("nothing, and there are more pages", refused(NO_CURRENCY), page(OTHER, count=2), Unknown),
    ("another payer's request", EXISTS, page(listed(applicantUin="1003000022")), Unknown),
    ("no JSON", EXISTS, b"<html>", Unknown),
]


@pytest.mark.parametrize(("found", "body", "kind"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
async def test_what_a_payers_list_settles(found, body, kind):
    made, event = system(), submission(REQUEST)
    look_up = await made.prepare_look_up(event, ATTEMPT, found)
    outcome = made.settle(event, found, look_up, Answer(200, {}, body))
    assert type(outcome) is kind
    if isinstance(outcome, Accepted):
        assert outcome.reference == PAYMENT_ID
        assert outcome.data.items() >= {"paymentId": PAYMENT_ID, "alreadyExists": True}.items()
        EVENT_TYPES[REQUEST].result.model_validate(outcome.data, by_alias=True, by_name=False)
    if isinstance(outcome, Rejected):
        assert outcome.errors == found.errors


async def test_a_list_without_a_count_that_fills_the_page_may_have_more():
    made, event = system(look_up_page_size=2), submission(REQUEST)
    look_up = await made.prepare_look_up(event, ATTEMPT, EXISTS)
    for entries, kind in (((listed(),), Accepted), ((listed(), OTHER), Unknown)):
        outcome = made.settle(event, EXISTS, look_up, Answer(200, {}, page(*entries, count=None)))
        assert type(outcome) is kind


async def test_an_extended_request_is_found_whatever_the_account():
    made, event = system(), submission(EXTENDED)
    look_up = await made.prepare_look_up(event, ATTEMPT, EXISTS)
    body = page(listed(serviceProviderIBAN="BG11XXXX"))
    assert made.settle(event, EXISTS, look_up, Answer(200, {}, body)).reference == PAYMENT_ID


CHANGES = [
    ("suspended", SUSPEND, "SUSPENDED", Accepted),
    ("paid meanwhile", SUSPEND, "paid", Rejected),
    ("still pending", SUSPEND, "pending", Unknown),
    ("canceled by the payer", SUSPEND, "canceled", Rejected),
    ("not there", SUSPEND, None, Rejected),
    ("a word that nobody knows", SUSPEND, "refunded", Unknown),
    ("paid", PAID, "Paid", Accepted),
    ("authorized is not paid", PAID, "authorized", Rejected),
    ("ordered is not paid", PAID, "ordered", Rejected),
    ("in process is not paid", PAID, "INPROGRESS", Rejected),
    ("suspended is not paid", PAID, "suspended", Rejected),
    ("expired", PAID, "expired", Rejected),
    ("pending is not paid", PAID, "pending", Unknown),
    ("a Cyrillic word", PAID, "Раid", Unknown),
]


@pytest.mark.parametrize(
    ("event_type", "status", "kind"),
    [row[1:] for row in CHANGES],
    ids=[f"{row[1]}: {row[0]}" for row in CHANGES],
)
async def test_what_a_status_settles(event_type, status, kind):
    made, event, found = system(), submission(event_type), refused(NOT_PENDING)
    look_up = await made.prepare_look_up(event, ATTEMPT, found)
    outcome = made.settle(event, found, look_up, Answer(200, {}, statuses((PAYMENT_ID, status))))
    assert type(outcome) is kind
    if isinstance(outcome, Accepted):
        assert outcome.data["settledByStatus"] is True
        assert outcome.reference is None
        EVENT_TYPES[event_type].result.model_validate(outcome.data, by_alias=True, by_name=False)
    if isinstance(outcome, Unknown):
        assert outcome.reason == Reason.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", Blocked),
        (400, message("Not authorized to access payment request."), Blocked),
        (400, message("anything"), Unknown),
        (429, b"", Retry),
        (500, b"", Unknown),
        (200, statuses(("9", "paid")), Unknown),
    ],
)
async def test_a_look_up_that_fails_says_nothing_of_the_change(status, body, kind):
    made, event, found = system(), submission(PAID), refused(NOT_PENDING)
    look_up = await made.prepare_look_up(event, ATTEMPT, found)
    assert type(made.settle(event, found, look_up, Answer(status, {}, body))) is kind


@pytest.mark.parametrize(
    ("never", "obligation_type", "rule"),
    [
        ([], None, Recovery.SAME_IDENTITY),
        (["1"], None, Recovery.HOLD),
        (["1"], "1", Recovery.HOLD),
        (["50"], "1", Recovery.SAME_IDENTITY),
        (["50"], None, Recovery.SAME_IDENTITY),
        (["50"], "50", Recovery.HOLD),
    ],
)
def test_some_types_of_obligation_are_never_sent_twice(never, obligation_type, rule):
    made = system(never_resend_obligation_types=never)
    event = submission(REQUEST, {**EXAMPLE, "obligationType": obligation_type})
    assert made.recovery(event) is rule
    assert made.operations[REQUEST].recovery is (Recovery.HOLD if never else Recovery.SAME_IDENTITY)
    assert made.recovery(submission(SUSPEND)) is Recovery.SAME_IDENTITY


SHOWN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "status", "result", "paymentAmount", "applicantUin"]), inner)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("event_type", [REQUEST, EXTENDED, SUSPEND, PAID])
@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(status=st.sampled_from([200, 400, 500]), shown=st.binary() | SHOWN)
async def test_whatever_a_look_up_shows_nothing_raises_and_nothing_is_accepted(event_type, status, shown):
    made, event = system(), submission(event_type)
    look_up = await made.prepare_look_up(event, ATTEMPT, refused(NUMBER_TAKEN))
    body = shown if isinstance(shown, bytes) else json.dumps({"paymentStatuses": shown, "count": 1}).encode()
    outcome = made.settle(event, refused(NUMBER_TAKEN), look_up, Answer(status, {}, body))
    assert isinstance(outcome, Unknown | Blocked | Rejected)
