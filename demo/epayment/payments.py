"""What the hospital asks of ePayments, and the faults meanwhile. Payers, amounts and clients are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from demo.people import patients
from demo.steps import ACCEPTED, FAILED, OK, REJECTED, Expected, Phase, Step, no_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM = "epayment"
REQUEST, EXTENDED = "payment.request", "payment.request-extended"
STATUS, SUSPEND, SET_PAID, CODE = "payment.status", "payment.suspend", "payment.set-paid", "access-code.read"
HOSPITAL, BENEFICIARY = "epay-hospital", "sandbox-municipality"
"""The signer, and the client that the extended form pays."""
NOBODYS = "0"
"""An identifier that no payment request has."""
AGAIN = 2
"""The fewest attempts of a submission whose answer was lost."""
NO_SUCH_TYPE = "999"
CALLED = {"epay-1": "suspended", "epay-2": "paid", "epay-3": "paid"}
"""The status that the system calls about, by the submission that asked for the payment."""
_LOST = Expected(ACCEPTED, least_attempts=AGAIN)
_TO_PAY = timedelta(days=14)


def ais_payment_id(name: str) -> str:
    """Return the hospital's own identifier of the payment request of a step."""
    return f"INV-{name}"


@dataclass(frozen=True, slots=True)
class Payments:
    """The submissions of one run: who pays by a number of the demo's patients."""

    today: date

    def phases(self) -> Sequence[Phase]:
        """Return the phases: requests in both ways of the public server, then what becomes of them."""
        return (
            Phase("ePayments: an answer is lost, and requests are refused", _lose_the_second, self._requests),
            Phase("ePayments: a number is taken only once", _take_numbers_once, self._once),
            Phase("ePayments: paid by the payer and at the desk, withdrawn", _pay_the_third, self._changes),
            Phase(
                "ePayments: too late; what the system says of all",
                no_faults,
                self._statuses,
                _all_have_called,
            ),
        )

    def _requests(self, _: Results) -> list[Step]:
        not_sent = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
        refused = {"currency": "BGN", "obligationType": NO_SUCH_TYPE}
        long_name = {"payer": {**self._payer(4), "name": "Измислен" * 4}}
        wrong_number = {"payer": {**self._payer(5), "identifier": "7223154155"}}
        return [
            self._request("epay-1", 0),
            self._request("epay-2", 1, _LOST, note="answer lost: sent again, changed in place"),
            self._request("epay-other", 2, operation=EXTENDED, more={"eserviceClientId": BENEFICIARY}),
            self._request("epay-refused", 3, Expected(REJECTED), more=refused),
            self._request("epay-xsd", 4, Expected(REJECTED, names="xsd"), more=long_name),
            self._request("epay-broken", 5, not_sent, more=wrong_number),
        ]

    def _once(self, _: Results) -> list[Step]:
        note = "answer lost: the second one is refused, the payer's list has the first"
        return [self._request("epay-3", 6, _LOST, note=note)]

    def _changes(self, results: Results) -> list[Step]:
        one, two = (_paid_under(results, name) for name in ("epay-1", "epay-2"))
        desk = {"method": "cash-desk", "description": "Измислена квитанция 1"}
        return [
            self._ask("epay-suspend", SUSPEND, 0, one, _LOST, note="answer lost: its status settles it"),
            self._ask("epay-desk", SET_PAID, 1, {**two, **desk}),
            self._ask("epay-code", CODE, 1, two),
        ]

    def _statuses(self, results: Results) -> list[Step]:
        names = ("epay-1", "epay-2", "epay-3", "epay-other")
        ids = [_paid_under(results, name)["paymentId"] for name in names]
        note = f"the system has called {len(CALLED)} times meanwhile, and Herald has published each call"
        late = Expected(REJECTED, names="400")
        paid = _paid_under(results, "epay-3")
        return [
            # Not beside the other withdrawal, whose answer is lost: the fault matches the first of them.
            self._ask("epay-late", SUSPEND, 6, paid, late, note="the payer was faster"),
            self._ask("epay-status", STATUS, 0, {"paymentIds": [*ids, NOBODYS]}, note=note),
        ]

    def _payer(self, index: int) -> dict[str, str]:
        person = patients()[index]
        name = f"{person.given} {person.family}"
        return {"identifierType": "egn", "identifier": person.egn, "name": name}

    def _request(
        self,
        name: str,
        payer: int,
        expected: Expected = OK,
        *,
        operation: str = REQUEST,
        more: Mapping[str, Any] | None = None,
        note: str = "",
    ) -> Step:
        until = datetime.combine(self.today + _TO_PAY, time(20), UTC)
        data = {
            "aisPaymentId": ais_payment_id(name),
            "amount": f"{payer + 1}.50",
            "reason": "Измислена такса",
            "payer": self._payer(payer),
            "reference": {"number": name, "date": self.today.isoformat()},
            "expiresAt": until.isoformat(),
        }
        return self._ask(name, operation, payer, {**data, **(more or {})}, expected, note=note)

    def _ask(
        self,
        name: str,
        operation: str,
        payer: int,
        data: Mapping[str, Any],
        expected: Expected = OK,
        *,
        note: str = "",
    ) -> Step:
        key = patients()[payer].pseudonym
        return Step.of(
            name, SYSTEM, operation, signer=HOSPITAL, data=data, key=key, expected=expected, note=note
        )


def _paid_under(results: Results, name: str) -> dict[str, str]:
    """Return the system's identifier of an earlier step's payment request; nobody's if it has none."""
    answers = results.answers[name]
    found: str = answers[0].result.get("paymentId", NOBODYS) if answers else NOBODYS
    return {"paymentId": found}


def _all_have_called(results: Results) -> bool:
    return all(results.notifications[name] for name in CALLED)


def _lose_the_second(sandbox: Sandbox) -> None:
    _lose_the_answer(sandbox, aisPaymentId=ais_payment_id("epay-2"))


def _take_numbers_once(sandbox: Sandbox) -> None:
    """Let the stand-in refuse a number that it has, as the public server does for some types of obligation."""
    sandbox.control("settings", {"reference_numbers": "unique"})
    _lose_the_answer(sandbox, aisPaymentId=ais_payment_id("epay-3"))


def _pay_the_third(sandbox: Sandbox) -> None:
    sandbox.control("step", {"step": "pay", "aisPaymentId": ais_payment_id("epay-3")})
    _lose_the_answer(sandbox, operation="suspendRequest", id=_id_of(sandbox, "epay-1"))


def _id_of(sandbox: Sandbox, name: str) -> str:
    """Return the system's identifier of a payment request: the fault is of this one, whichever comes first."""
    payments = sandbox.ledger()["payments"]
    wanted = ais_payment_id(name)
    return next((str(one["id"]) for one in payments if one["aisPaymentId"] == wanted), NOBODYS)


def _lose_the_answer(sandbox: Sandbox, **match: str) -> None:
    sandbox.faults([{"kind": "drop-after", "match": match, "times": 1}])
