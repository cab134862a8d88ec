"""Comparing the replies with what eDelivery holds: what was sent, what arrived, and what was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.edelivery.arrivals import DRAWN, OPENED, STATUS
from demo.edelivery.messages import HOSPITAL_PROFILE, SEND
from demo.steps import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.steps import Answer, Results, Step


def mismatches(steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
    """Return every difference, one sentence each."""
    answers = {
        step.id: answer
        for step in steps
        if (answer := results.answer(step)) is not None and answer.kind == ACCEPTED
    }
    yield from _sent(
        [answers[step.id] for step in steps if step.operation == SEND and step.id in answers], ledger
    )
    yield from _arrived(results, ledger)
    if DRAWN in answers and answers[DRAWN].rnu not in {one["orn"] for one in ledger["orn"]}:
        yield f"{DRAWN}: the central generator did not give the number of its reply"
    if STATUS in answers and _statuses(answers[STATUS]) != {"received"}:
        yield f"{STATUS}: the reply does not say that the recipient has opened the message"
    if OPENED in answers and not _refers_to_fields(answers[OPENED]):
        yield f"{OPENED}: the reply does not refer to the message's fields"
    yield from _files({name: one for name, one in answers.items() if "fields" in one.result})


def _sent(answers: Sequence[Answer], ledger: Mapping[str, Any]) -> Iterable[str]:
    stated = {answer.result["messageId"] for answer in answers}
    numbers = {answer.rnu for answer in answers}
    sent = [one for one in ledger["messages"] if one["senderProfileId"] == HOSPITAL_PROFILE]
    there = {one["messageId"] for one in sent if one["rnu"] in numbers}
    if len(stated) != len(answers) or stated != there:
        yield f"replies state the messages {sorted(stated)}, the system has {sorted(there)}"


def _arrived(results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
    """Every message to the hospital was published once, by looking into its inbox."""
    published = sorted(one.data["messageId"] for one in results.arrivals)
    there = sorted(
        one["messageId"]
        for one in ledger["messages"]
        if any(recipient["profileId"] == HOSPITAL_PROFILE for recipient in one["recipients"])
    )
    if published != there:
        yield f"the messages {published} were published, the inbox has {there}"


def _statuses(answer: Answer) -> set[str]:
    return {one["status"] for one in answer.result["recipients"]}


def _refers_to_fields(answer: Answer) -> bool:
    return any(one["path"] == "data.fields" for one in answer.data.get("files", ()))


def _files(answers: Mapping[str, Answer]) -> Iterable[str]:
    """Compare the files of opened messages: the bytes of each are those that the system states."""
    for name, answer in answers.items():
        files = [file for one in answer.result["fields"] or () for file in one.get("files") or ()]
        if not all(file.get("verified") for file in files):
            yield f"{name}: a file of the message is not as the system states it"
