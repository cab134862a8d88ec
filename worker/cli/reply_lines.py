"""Replies as people read them: one line for how it ended, and one for each field that is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from worker.cli.tables import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.cli.reply_reader import Reply

NOTIFICATIONS = ".notifications"
"""How the names of their topics end."""
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]+")


def lines_of(reply: Reply) -> Iterator[str]:
    """Yield the lines of one reply. Of what systems say, nothing reaches the terminal that it acts upon or hides."""
    for line in _lines(reply):
        yield printable(_CONTROL.sub(" ", line))


def document_of(reply: Reply) -> dict[str, Any]:
    """Return a reply for programs."""
    return {"topic": reply.topic, "headers": reply.headers, "data": reply.data}


def _lines(reply: Reply) -> Iterator[str]:
    _, submission_id = reply.submission
    if reply.topic.endswith(NOTIFICATIONS):
        yield f"{submission_id or '-'}  {reply.headers.get('ce_type', '')}  {_short(reply.data)}"
        return
    if not reply.kind:
        yield f"{reply.topic}: a record that is not a reply of Herald"
        return
    yield f"{submission_id}  {reply.kind}  {_told(reply.data)}"
    for problem in _objects(reply.data.get("problems")):
        yield f"    {problem.get('path')}  {problem.get('rule')}: {problem.get('message')}"
    for error in _objects(reply.data.get("errors")):
        yield f"    {_stated(error)}"
    letter = reply.data.get("deadLetter")
    if isinstance(letter, dict):
        yield f"    dead letter {letter.get('id')} in {letter.get('topic')}"


def _told(data: Mapping[str, Any]) -> str:
    """Say the reason of a failure, or the short values of what was accepted; whole documents are for `--json`."""
    if "takenAt" in data:
        known = f"as {data['reference']}, " if data.get("reference") else ""
        return f"{known}taken at {data['takenAt']}; the answer is asked for until {data.get('giveUpAt')}"
    if "message" in data:
        return f"{data.get('code')}: {data['message']}"
    return _short(data.get("data") or {})


def _short(data: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {value}"
        for name, value in data.items()
        if isinstance(value, str | int) and name != "content"
    )


def _stated(error: Mapping[str, Any]) -> str:
    """Say one error as the system stated it: field, class, rule, sentence."""
    description = error.get("description")
    parts = [error.get("type"), *(description if isinstance(description, list) else ()), error.get("id")]
    kind = " ".join(str(part) for part in parts if part)
    said = ": ".join(str(part) for part in (kind, error.get("reason")) if part)
    return "  ".join(str(part) for part in (error.get("faultyAttribute"), said) if part)


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
