"""The scenario of eDelivery, through the sandbox's state ESB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.edelivery import arrivals, audit, messages
from demo.edelivery.messages import HOSPITAL, HOSPITAL_PROFILE, SYSTEM
from demo.scenario import Description, Scenario
from demo.steps import REJECTED

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
        return {
            "signers": {HOSPITAL: {"file": client["pkcs12_file"], "password_file": client["password_file"]}},
            "shared": {
                "esb": {
                    "token_url": sandbox.ready["token_url"],
                    "gateway_url": sandbox.url,
                    "transport": _transport(sandbox),
                    "orn": {"bulstat": "000000000", "type_service": "1-1", "uri_service": "1"},
                },
                "files": {},
            },
            "system": {
                **over_esb(sandbox),
                "senders": [HOSPITAL],
                "watches": {"registry": {"signer": HOSPITAL, "seconds": 5}},
            },
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the phases of what is sent, and of what arrives."""
        del sandbox, today
        return messages.phases() + arrivals.phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Return every difference between the replies and what the system holds."""
        return audit.mismatches(steps, results, ledger)

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the messages, in both directions."""
        sent = [one for one in ledger["messages"] if one["senderProfileId"] == HOSPITAL_PROFILE]
        return f"{counted(len(sent), 'message')} sent, {len(ledger['messages']) - len(sent)} received"

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


def over_esb(sandbox: Sandbox) -> dict[str, Any]:
    """Return what every system needs in its settings whose messages go over the sandbox's eDelivery."""
    host = sandbox.url.removeprefix("https://")
    return {
        "files": {"hosts": [host], "transport": _transport(sandbox)},
        "look_up": {"sent_rnu": "kept", "wait_seconds": 1},
    }


def _transport(sandbox: Sandbox) -> dict[str, Any]:
    return {"ca_file": sandbox.ca_file, "answer_timeout": 3}
