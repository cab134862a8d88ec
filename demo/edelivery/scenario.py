"""The scenario of eDelivery, through the sandbox's state ESB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.edelivery.messages import HOSPITAL, SEND, SYSTEM, phases
from demo.scenario import Description, Scenario
from demo.steps import ACCEPTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step


class Edelivery:
    """Letters of a hospital to an invented citizen."""

    system = SYSTEM
    title = "eDelivery"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Show the certificate that the sandbox issued, to its token service and its gateway."""
        del directory
        (client,) = (one for one in sandbox.ready["clients"] if one["name"] == "hospital")
        transport = {"ca_file": sandbox.ca_file, "answer_timeout": 3}
        return {
            "signers": {HOSPITAL: {"file": client["pkcs12_file"], "password_file": client["password_file"]}},
            "shared": {
                "esb": {
                    "token_url": sandbox.ready["token_url"],
                    "gateway_url": sandbox.url,
                    "transport": transport,
                }
            },
            "system": {"senders": [HOSPITAL]},
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the messages' phases."""
        del sandbox, today
        return phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every accepted message is there once, under the id that its reply states, and no other."""
        sent = [step for step in steps if step.operation == SEND]
        answers = [answer for step in sent if (answer := results.answer(step)) and answer.kind == ACCEPTED]
        stated = sorted(answer.result["messageId"] for answer in answers)
        there = sorted(one["messageId"] for one in ledger["messages"])
        if stated != there:
            yield f"replies state the messages {stated}, the system has {there}"

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the messages."""
        return counted(len(ledger["messages"]), "message")

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Suggest nothing beyond what holds for every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return operation.rpartition(".")[2]

    def describe(self, answer: Answer) -> Description:
        """Say the message's number, what was found, or the error."""
        if answer.kind == REJECTED:
            errors = answer.data["errors"]
            return Description(errors[0]["type"], tuple(error["reason"] for error in errors))
        result = answer.result
        if "messageId" in result:
            told = ("found in the outbox",) if result.get("foundByLookUp") else ()
            return Description(str(result["messageId"]), told)
        return Description("found" if result.get("found", True) else "none")


SCENARIO: Scenario = Edelivery()
