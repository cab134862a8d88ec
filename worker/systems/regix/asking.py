"""What the answer to the question "is it ready?" means. Pure and total.

An error that says that RegiX does not know the request ends the waiting; one that says that it could not be asked now,
or that a register stated while RegiX was asked, is told apart by its sentence.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import NotArrived, Rejected, Taken, Unknown
from worker.systems.regix.errors import Kind, kind_of_error, kind_of_fault
from worker.systems.regix.interpret import by_status, fault_outcome, result_outcome
from worker.systems.regix.messages import ACKNOWLEDGE, CHECK
from worker.systems.regix.ready import ready_text
from worker.systems.regix.request import CALL_ID, CODE
from worker.systems.regix.response import Empty, Fault, Result, read_answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.systems.regix.interpret import Asked, Rules
    from worker.transport.port import Answer


def interpret_ask(
    asked: Asked, taken: Taken, answer: Answer, rules: Rules, now: datetime
) -> Outcome | NotArrived:
    """Read the answer to CheckResult. Never raises."""
    if outcome := by_status(asked.shown, answer, rules, now):
        return outcome
    said = read_answer(answer)
    if isinstance(said, Fault):
        if kind_of_fault(said) is Kind.NO_CALL:
            return _lost()
        return _undecided(fault_outcome(asked, said, answer, now))
    if answer.status != HTTPStatus.OK or not isinstance(said, Result) or said.of != CHECK:
        detail = f"RegiX did not say whether the report is ready (status {answer.status})"
        return Unknown(Reason.UNEXPECTED_MESSAGE, detail)
    read = partial(result_outcome, asked, said, answer, rules, now)
    return _of_result(taken, said, rules, read)


def is_acknowledged(answer: Answer) -> bool:
    """Whether nothing is left to tell: RegiX answered, or no longer knows the request."""
    said = read_answer(answer)
    if isinstance(said, Fault):
        return kind_of_fault(said) is Kind.NO_CALL
    return answer.status == HTTPStatus.OK and isinstance(said, Empty) and said.of == ACKNOWLEDGE


def _of_result(
    taken: Taken, result: Result, rules: Rules, read: Callable[[], Outcome]
) -> Outcome | NotArrived:
    """Return what a result says of the waiting request; ``read`` reads it as the answer to the request itself."""
    if result.call_id not in {None, taken.call[CALL_ID]}:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer is about another request")
    stated = result.has_error is not False or result.error is not None
    ready = result.is_ready is True
    if stated and kind_of_error(result.error, rules.register_errors, by_register=ready) is Kind.NO_CALL:
        return _lost()
    if not stated and result.is_ready is False:
        return _still(taken, result)
    # Where it is not ready, the error is RegiX's own: it could not be asked now, and no register refused anything.
    return _undecided(read()) if stated and not ready else read()


def _undecided(outcome: Outcome) -> Outcome:
    """Return that nothing is known yet in place of a rejection: RegiX refused to tell, and no register the request."""
    if isinstance(outcome, Rejected):
        return Unknown(Reason.SERVER_ERROR, "RegiX could not say whether the report is ready")
    return outcome


def _still(taken: Taken, result: Result) -> Taken:
    """Return what to ask with next: a new code takes the place of the old one."""
    call = {CALL_ID: taken.call[CALL_ID], CODE: result.code or taken.call[CODE]}
    return replace(taken, call=call, ready=ready_text(call[CALL_ID], call[CODE]))


def _lost() -> NotArrived:
    return NotArrived(Reason.NOT_FOUND, "RegiX does not know this request, or not any more")
