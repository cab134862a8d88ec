"""What an answer of NHIS means: a pure and total function of status, headers and body.

The document names the statuses 200, 400, 401, 403 and 500; the other rows are inferred from the behaviour of
gateways. A setting lists the statuses that state that a message was not processed. An answer that does not state
its outcome is Unknown, never a success.
"""

from __future__ import annotations

import re
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, Blocked, Outcome, Rejected, Retry, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.lookalikes import latin
from worker.systems.nhis.response import Statement, read_statement
from worker.systems.stated import LONGEST_SEARCHED, says
from worker.transport.status_classes import SERVER_ERROR, SUCCESSFUL
from worker.xml.safe import MAX_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from worker.systems.answer_settings import OperatorError
    from worker.systems.nhis.response import Reader
    from worker.transport.port import Answer
    from worker.xml.node import Node

_ERROR = re.compile(r"[A-Z]099")
"""I099; the document's own diagrams also name it R099."""
_NRN_AT_END = re.compile(r"(?<![0-9A-Za-z-])([0-9A-Z]{12})\W*\Z")
"""RL080 names the document that exists at the end of its sentence (inferred from other modules). What follows a hyphen
is the end of a UUID, as LRNs are."""


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    general_errors: frozenset[str]
    operator_errors: tuple[OperatorError, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@immutable
class Expected:
    """The parts of the request that its answer must match.

    ``signed_by`` names the certificate in plain words; it is called where a sentence needs them.
    """

    message_id: str
    answer: str
    read: Reader
    signed_by: Callable[[], str]
    unfit: Reason = Reason.UNEXPECTED_MESSAGE
    """Why the outcome is unknown where `read` finds that the answer does not fit."""
    already: tuple[re.Pattern[str], ...] = ()
    tells_warnings: bool = False
    """Whether the outcome's data holds the answer's warnings, as `warnings`."""
    max_parts: int = MAX_PARTS
    """Tags and attributes of the largest answer."""


def interpret(expected: Expected, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer. Never raises; Accepted only for the expected message in answer to our message."""
    by_status = _by_status(expected, answer, rules, now)
    if by_status is not None:
        return by_status
    statement = read_statement(answer, rules.names, expected.max_parts)
    if statement is not None and _ERROR.fullmatch(statement.type or ""):
        errors = errors_in(statement.contents)
        if errors and not _only_failed(answer.status, errors, rules):
            return _stated(expected, answer.status, statement, errors, rules)
    return _unstated(expected, answer, statement, now)


def _by_status(expected: Expected, answer: Answer, rules: Rules, now: datetime) -> Outcome | None:
    """Return the outcome of a status that decides without the body; None for the other statuses."""
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return Retry(Reason.TOKEN_REFUSED, "NHIS refused the token (401)", delay=0, reauthorize=True)
    if status == HTTPStatus.FORBIDDEN:
        return Blocked(
            Reason.ACCESS_DENIED,
            f"NHIS refused access (403): it was signed by {expected.signed_by()}; the token belongs to "
            "another certificate, or this certificate has no access",
        )
    return retry_if_turned_away(answer, rules.not_processed, now, system="NHIS")


def _only_failed(status: int, errors: tuple[StatedError, ...], rules: Rules) -> bool:
    general = {latin(one) for one in rules.general_errors}
    return status in SERVER_ERROR and all(latin(error.type or "") in general for error in errors)


def _stated(
    expected: Expected, status: int, statement: Statement, errors: tuple[StatedError, ...], rules: Rules
) -> Outcome:
    # NHIS cannot repeat the id of a message that it could not read; the status 400 still ties the error to our request.
    ours = statement.message_id == expected.message_id or (
        status == HTTPStatus.BAD_REQUEST and not statement.message_id
    )
    if not ours:
        return Unknown(Reason.UNEXPECTED_MESSAGE, f"NHIS stated an error about another message ({status})")
    blocked = blocked_by(errors, rules.operator_errors, system="NHIS", signed_by=expected.signed_by())
    return blocked or refusal(errors, expected.already)


def _unstated(expected: Expected, answer: Answer, statement: Statement | None, now: datetime) -> Outcome:
    """Return the outcome of an answer that is no readable refusal."""
    status = answer.status
    if status in SUCCESSFUL:
        return _read(expected, answer, statement)
    if status in _BLOCKED:
        reason, sentence = _BLOCKED[status]
        return Blocked(reason, sentence)
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(statement)
    return outcome_of_status(answer, now, system="NHIS")


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        "NHIS has no service at this path (404): see the settings api_url and paths",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        "NHIS does not accept a message of this size (413)",
    ),
}


def _bad_request(statement: Statement | None) -> Outcome:
    if statement is None:
        return Blocked(
            Reason.UNREADABLE_ANSWER, "NHIS refused the message (400), but its reason is unreadable"
        )
    return Unknown(Reason.UNEXPECTED_MESSAGE, "NHIS answered 400 with a message that is not an error")


def _read(expected: Expected, answer: Answer, statement: Statement | None) -> Outcome:
    if statement is None:
        how = "was longer than the limit" if answer.truncated else "is not a readable NHIS message"
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer {how} (status {answer.status})")
    if statement.message_id != expected.message_id:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer is to another message")
    if statement.type != expected.answer:
        return Unknown(Reason.UNEXPECTED_MESSAGE, f"the answer is not the expected {expected.answer}")
    data = expected.read(statement.contents[0])
    if data is None:
        return Unknown(expected.unfit, f"the {expected.answer} does not fit the request")
    if expected.tells_warnings and statement.warnings:
        return Accepted({**data, "warnings": list(statement.warnings)})
    return Accepted(data)


def errors_in(contents: Iterable[Node]) -> tuple[StatedError, ...]:
    """Return every error: `error` elements, or `contents` that are errors themselves (seen in v3 services)."""
    return tuple(_error(node) for part in contents for node in _error_nodes(part))


def refusal(errors: tuple[StatedError, ...], already: Iterable[re.Pattern[str]]) -> Rejected | AlreadyExists:
    """Return the outcome that the errors state; ``already`` are the sentences that say that NHIS has it already."""
    for text in (text for error in errors for text in _texts(error)):
        if says(text, already):
            named = _NRN_AT_END.search(text)
            return AlreadyExists(errors, reference=named.group(1) if named else None)
    return Rejected(errors)


def _error_nodes(contents: Node) -> Iterator[Node]:
    nested = list(contents.descendants("error"))
    if nested:
        yield from nested
    elif contents.value("type") or contents.value("reason"):
        yield contents


def _error(node: Node) -> StatedError:
    return StatedError(
        type=node.value("type") or "",
        reason=node.value("reason"),
        description=tuple(node.values("description")),
        faulty_attribute=node.value("faultyAttribute"),
    )


def _texts(error: StatedError) -> list[str]:
    """Return the texts to search; NHIS itself states at most 2000 characters, so longer ones are left out."""
    texts = [error.reason or "", *error.description]
    return [text for text in texts if len(text) <= LONGEST_SEARCHED]
