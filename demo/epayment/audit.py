"""Comparing the replies with the stand-in's ledger: one payment request for each, in the status that replies state."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.epayment.payments import CALLED, EXTENDED, NOBODYS, REQUEST
from demo.steps import ACCEPTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from demo.steps import Answer, Results, Step

REQUESTS = frozenset({REQUEST, EXTENDED})


def differences(steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterator[str]:
    """Return every difference, one sentence each."""
    payments: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in ledger["payments"]:
        payments[line["aisPaymentId"]].append(line)
    requests = [step for step in steps if step.operation in REQUESTS]
    for step in requests:
        yield from _of_calls(step, results)
        found = payments.pop(step.data["aisPaymentId"], [])
        yield from _of_request(step, results.answer(step), found, ledger["rejections"])
    for ais_payment_id in payments:
        yield f"ePayments has the payment request {ais_payment_id}, which nobody published"
    by_id = {line["id"]: line for line in ledger["payments"]}
    for step in (step for step in steps if step.operation not in REQUESTS):
        answer = results.answer(step)
        if answer and answer.kind == ACCEPTED:
            yield from _of_another(step, answer.result, by_id)


def _of_request(
    step: Step,
    answer: Answer | None,
    found: Sequence[Mapping[str, Any]],
    rejections: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    accepted = answer is not None and answer.kind == ACCEPTED
    if len(found) != int(accepted):
        has = counted(len(found), "payment request")
        yield f"{step.id}: ePayments has {has}, the reply says {int(accepted)}"
        return
    if accepted and answer is not None:
        stated = answer.result["paymentId"], step.data["amount"], answer.result.get("accessCode")
        code = found[0]["accessCode"] if step.operation == EXTENDED else None
        if stated != (found[0]["id"], found[0]["amountAsSent"], code):
            yield f"{step.id}: ePayments has another identifier, amount or access code than the reply"
    listed = [line["errors"] for line in rejections if line["aisPaymentId"] == step.data["aisPaymentId"]]
    if answer is not None and answer.kind == REJECTED and listed:
        reasons = [error["reason"] for error in answer.data["errors"]]
        if listed != [reasons]:
            yield f"{step.id}: the reply has other errors than ePayments stated"


def _of_calls(step: Step, results: Results) -> Iterator[str]:
    """Return where the notifications differ from what the system has called about: each status is there once."""
    told = [one.data["status"] for one in results.notifications[step.id]]
    expected = [CALLED[step.id]] if step.id in CALLED else []
    if told != expected:
        yield f"{step.id}: notifications of {told}, expected of {expected}"


def _of_another(
    step: Step, result: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    match step.operation:
        case "payment.status":
            for one in result["payments"]:
                has = by_id.get(one["paymentId"], {"status": None})["status"]
                if (has, one["found"]) != (_capital(one.get("status")), one["paymentId"] != NOBODYS):
                    yield f"{step.id}: {one['paymentId']} is {has}, the reply says {one.get('status')}"
        case "payment.suspend" | "payment.set-paid":
            line = by_id[step.data["paymentId"]]
            became = [one["status"] for one in line["history"]]
            if became.count(_capital(result["status"])) != 1 or line["status"] != became[-1]:
                yield f"{step.id}: {line['id']} is {line['status']}, the reply says {result['status']}"
        case "access-code.read":
            if by_id[step.data["paymentId"]]["accessCode"] != result["accessCode"]:
                yield f"{step.id}: the reply has another access code"


def _capital(status: str | None) -> str | None:
    return None if status is None else status.capitalize()
