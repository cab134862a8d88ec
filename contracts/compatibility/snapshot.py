"""What the contracts promise, as one document: it is kept of the last release and compared with what they say now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts import notifications
from contracts.compatibility.changes import Breaking, Side
from contracts.compatibility.compare import breaking_changes
from contracts.export.asyncapi import document
from contracts.export.schemas import schema_files
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANNOTATIONS = frozenset({"$schema", "$id", "description", "examples", "default", "deprecated"})
"""Keywords that promise nothing."""
_NAMES = frozenset({"properties", "$defs"})
"""Keywords below which each name is a member's, and no keyword."""
REQUESTS, REPLIES = "requests", "replies"


def snapshot() -> dict[str, Any]:
    """Return what is promised now: topics, reason codes, and schemas by side and name."""
    files = {name: promises(schema) for name, schema in schema_files().items()}
    replies = {
        name
        for name in files
        if ".accepted." in name or name.startswith("reply.") or name in notifications.NOTIFICATION_TYPES
    }
    return {
        "topics": sorted(one["address"] for one in document()["channels"].values()),
        "reasons": sorted(map(str, Reason)),
        "events": sorted([*EVENT_TYPES, *notifications.NOTIFICATION_TYPES]),
        REQUESTS: {name: one for name, one in files.items() if name not in replies},
        REPLIES: {name: one for name, one in files.items() if name in replies},
    }


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Breaking]:
    """Return the changes from ``old`` to ``new`` that break hospitals' software."""
    found = [
        Breaking(name, "$", f"{kind}-removed", f"this {told} is gone or renamed")
        for kind, told in (("topics", "topic"), ("events", "event type"), ("reasons", "reason code"))
        for name in old[kind]
        if name not in new[kind]
    ]
    for section, side in ((REQUESTS, Side.REQUEST), (REPLIES, Side.REPLY)):
        for name, schema in old[section].items():
            if name in new[section]:
                found += breaking_changes(name, schema, new[section][name], side)
            else:
                found.append(Breaking(name, "$", "schema-removed", "this schema is gone or renamed"))
    return found


def promises(schema: Any) -> Any:
    """Return a schema without the keywords that promise nothing."""
    if isinstance(schema, dict):
        return {
            name: _named(part) if name in _NAMES else promises(part)
            for name, part in schema.items()
            if name not in _ANNOTATIONS
        }
    return [promises(part) for part in schema] if isinstance(schema, list) else schema


def _named(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: promises(schema) for name, schema in members.items()}


def written(promised: Mapping[str, Any]) -> str:
    """Return the document as it is kept: a schema a line, so that a change of the file can be read."""
    lines = []
    for section, content in promised.items():
        if isinstance(content, dict):
            inner = ",\n".join(f"  {json.dumps(name)}: {_compact(one)}" for name, one in content.items())
            lines.append(f"{json.dumps(section)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(section)}: {_compact(content)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
