"""The summary of a reply that the journal keeps when retention removes the reply: outcome and identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.replies import AcceptedReply, FailedReply, HeldReply, RejectedReply, Reply, StatedError
from contracts.reply_events import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

RETAINED = "ce_retained"
"""The header that marks a summary; its value is `summary`."""
LONGEST = 100
"""Characters; a longer text is not kept as an identifier."""
MESSAGE = "This submission ended so long ago. Only the outcome is kept; what was answered has been removed."

_KINDS: dict[str, type[Reply]] = {
    model.kind.value: model for model in (AcceptedReply, RejectedReply, FailedReply, HeldReply)
}


def summary(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None
) -> tuple[tuple[tuple[str, bytes | None], ...], bytes]:
    """Return headers and value of the reply's summary: the same event with the header `RETAINED`, without the answer.

    The summary of a summary has the same bytes. Raises ValueError if the event is not a reply.
    """
    event_type = dict(headers).get("ce_type") or b""
    model = _KINDS.get(event_type.decode().rsplit(".", 2)[-2] if event_type.count(b".") > 1 else "")
    if model is None:
        raise ValueError("not a reply")
    reply = model.model_validate_json(value or b"")
    kept = [pair for pair in headers if pair[0] != RETAINED]
    return (*kept, (RETAINED, b"summary")), value_of(_short(reply))


def _short(reply: Reply) -> Reply:
    if isinstance(reply, AcceptedReply):
        # A removed member is null, as in a reply that was too large: the value existed and is omitted.
        data = {name: _identifier(member) for name, member in reply.data.items()}
        return AcceptedReply(system=reply.system, operation=reply.operation, data=data, settled=reply.settled)
    return reply.model_copy(
        update={
            "message": MESSAGE,
            "errors": tuple(StatedError(type=error.type) for error in reply.errors),
            "problems": (),
            "answer": None,
            "files": (),
        }
    )


def _identifier(member: Any) -> Any:
    """Return a number, a boolean or a short text unchanged, and None for the rest, which may concern a patient."""
    if isinstance(member, str):
        return member if len(member) <= LONGEST else None
    return member if isinstance(member, bool | int | float) else None
