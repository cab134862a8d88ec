"""The scenario of ePayments."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.epayment.audit import differences
from demo.epayment.payments import HOSPITAL, SYSTEM, Payments
from demo.scenario import Description, Scenario
from demo.steps import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step

_WORDS = {"request-extended": "extended", "read": "access-code"}


class Epayment:
    """Payment requests, and what becomes of them."""

    system = SYSTEM
    title = "ePayments"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Let the hospital be the stand-in's first client, with its account and secret."""
        del directory
        client = sandbox.ready["clients"][0]
        provider = {
            "name": client["service_name"],
            **{name: client[name] for name in ("bank", "bic", "iban")},
        }
        signer = {
            "client_id": client["client_id"],
            "secret_file": client["secret_file"],
            "provider": provider,
        }
        return {
            "signers": {},
            "system": {
                "service_url": sandbox.url,
                "clients": {HOSPITAL: signer},
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def called_at(self, address_file: Path) -> Mapping[str, Any]:
        """Let payment requests carry the address."""
        return {"notification_url_file": str(address_file)}

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the payments' phases."""
        del sandbox
        return Payments(today).phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every accepted payment request is there once; errors and statuses are those that replies state."""
        return differences(steps, results, ledger)

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the payment requests, and those that are paid or withdrawn."""
        payments = ledger["payments"]
        has = Counter(line["status"] for line in payments)
        return (
            f"{counted(len(payments), 'payment request')}, {has['Paid']} paid, {has['Suspended']} withdrawn"
        )

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        word = operation.rpartition(".")[2]
        return _WORDS.get(word, word)

    def describe(self, answer: Answer) -> Description:
        """Say the payment request's number, its status, its access code, or the errors."""
        if answer.kind == REJECTED:
            errors = answer.data["errors"]
            return Description(counted(len(errors), "error"), tuple(error["reason"] for error in errors))
        result = answer.result
        if "payments" in result:
            has = Counter(one.get("status", "unknown") for one in result["payments"])
            listed = ", ".join(f"{count} {status}" for status, count in sorted(has.items()))
            return Description(counted(len(result["payments"]), "status", "statuses"), (listed,))
        shown = result["paymentId"] if "status" not in result else f"{result['paymentId']} {result['status']}"
        codes = ("with an access code",) if "accessCode" in result else ()
        return Description(shown, codes)


SCENARIO: Scenario = Epayment()
