"""The scenario of eForms, through the sandbox of eDelivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.edelivery.messages import CITIZEN, FILES_FIELD, HOSPITAL, HOSPITAL_PROFILE, TEXT_FIELD
from demo.edelivery.messages import SYSTEM as EDELIVERY
from demo.edelivery.scenario import over_esb
from demo.eforms.requests import ANSWERED, FILES, OPENED, RNU, SYSTEM, phases
from demo.scenario import Description, Scenario
from demo.steps import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step


class Eforms:
    """An invented citizen's request for a service, and the hospital's answer."""

    system, title = SYSTEM, "eForms"
    through = EDELIVERY
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Send answers to the citizen by the sandbox's template of a letter."""
        del directory
        response = {
            "recipient_profile_id": CITIZEN,
            "template_id": 1,
            "xml_field": FILES_FIELD,
            "texts": {TEXT_FIELD: "Измислен отговор"},
        }
        return {"signers": {}, "system": {**over_esb(sandbox), "senders": [HOSPITAL], "response": response}}

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the request's phases."""
        del sandbox, today
        return phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Compare the notification with the request, and the replies with the answers that are there."""
        published = results.notifications[OPENED]
        if len(published) != 1 or published[0].rnu != RNU:
            yield f"{OPENED}: {counted(len(published), 'notification')} of the request, expected 1 with its number"
        for one in published:
            if sorted(file["name"] for file in one.data["files"]) != FILES:
                yield f"{OPENED}: the notification does not name both files"
            if one.data["request"] is None or len(one.data.get("problems", ())) != 1:
                yield f"{OPENED}: the notification does not state the request with its one slip"
        answers = [answer for step in steps if (answer := results.answer(step)) is not None]
        stated = [answer.result.get("messageId") for answer in answers]
        there = [one["messageId"] for one in _answers(ledger)]
        if stated != there:
            yield f"{ANSWERED}: the reply states the message {stated}, the system has {there}"

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the answers to requests."""
        return counted(len(_answers(ledger)), "answer")

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Suggest nothing beyond what holds for every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return operation.partition(".")[0]

    def describe(self, answer: Answer) -> Description:
        """Say the number of the message with the answer, or the error."""
        if answer.kind == REJECTED:
            errors = answer.data["errors"]
            return Description(errors[0]["type"] or "-", tuple(error["reason"] for error in errors))
        return Description(str(answer.result["messageId"]))


SCENARIO: Scenario = Eforms()


def _answers(ledger: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        one for one in ledger["messages"] if one["rnu"] == RNU and one["senderProfileId"] == HOSPITAL_PROFILE
    ]
