"""What the journal encrypts of each value that it stores, and where each is bound to.

In clear stay what operators search for and what decides about duplicates: source, id, identity, states, times, the
content's hash, reasons and their details, topics, the headers of replies (Herald makes them), and an address's host.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from worker.journal.encoding import event_headers_json, event_of, object_json, storable
from worker.journal.vault import PLAIN, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import asyncpg

    from worker.journal.vault import Vault
    from worker.pipeline.ports import DeadLetter, Event, Final, Received, Sending

_NONE: Mapping[str, str] = MappingProxyType({})
_HOST = re.compile(r"[^/]*//[^/?#]*")
HEADERS = "herald-encrypted"
"""Stands for all headers of a dead letter's record, which a sender may have put anything into."""


def vault_of(connection: asyncpg.Connection) -> Vault:
    """Return the keys that the connection's settings name; see `worker.journal.connection`."""
    vault: Vault = getattr(connection, "vault", PLAIN)
    return vault


def sealed_final(vault: Vault, source: str, submission_id: str, final: Final) -> Final:
    """Return the end of a revision as it is to be stored."""
    reply = sealed_reply(vault, source, submission_id, final.reply)
    dead = final.dead_letter and sealed_letter(vault, final.dead_letter)
    if reply is final.reply and dead is final.dead_letter:
        return final
    return replace(final, reply=reply, dead_letter=dead)


def sealed_reply(vault: Vault, source: str, submission_id: str, reply: Event) -> Event:
    """Return a reply as it is to be stored."""
    return _changed(vault.seal, reply, "reply", storable(source), storable(submission_id))


def opened_reply(vault: Vault, source: str, submission_id: str, reply: Event) -> Event:
    """Return what `sealed_reply` was given. Raises CannotDecrypt."""
    return _changed(vault.open, reply, "reply", storable(source), storable(submission_id))


def sealed_letter(vault: Vault, letter: DeadLetter) -> DeadLetter:
    """Return a dead letter as it is to be stored."""
    event, digest = sealed_record(vault, letter.id, letter.event)
    return replace(letter, event=event, key_digest=digest)


def sealed_record(vault: Vault, letter_id: str, event: Event) -> tuple[Event, bytes | None]:
    """Return a dead letter's event as it is to be stored, and by what it is found where its key is encrypted."""
    place, key = ("dead-letter", storable(letter_id)), event.key
    digest = vault.digest(hashlib.sha256(key).digest()) if vault.active and key is not None else None
    event = _changed(vault.seal, event, *place)
    if vault.active or any(name == HEADERS for name, _ in event.headers):
        headers = vault.seal(_ENVELOPE + event_headers_json(event.headers).encode(), "headers", *place)
        event = replace(event, headers=((HEADERS, headers),))
    return event, digest


def opened_letter(vault: Vault, letter_id: str, event: Event) -> Event:
    """Return the event that `sealed_letter` was given. Raises CannotDecrypt."""
    place = ("dead-letter", letter_id)
    opened = _changed(vault.open, event, *place)
    if len(event.headers) != 1 or event.headers[0][0] != HEADERS:
        return opened
    text = vault.open(event.headers[0][1] or b"", "headers", *place)
    if not text.startswith(_ENVELOPE):
        return opened  # a record of the version before, that had this very header
    headers = event_of("", None, text.removeprefix(_ENVELOPE).decode(), None).headers
    return replace(opened, headers=headers)


_ENVELOPE = b"herald\n"


def sealed_sending(vault: Vault, source: str, submission_id: str, sending: Sending) -> Sending:
    """Return an attempt as it is to be stored: address and headers go with the request, but for the host."""
    place = _message("request", source, submission_id, sending.message_id)
    if vault.active is None:
        request = vault.seal(sending.request, *place)
        return sending if request is sending.request else replace(sending, request=request)
    head = {"url": storable(sending.url), "headers": object_json(sending.headers)}
    request = vault.seal(_with_head(head, sending.request), *place)
    return replace(sending, url=host_of(sending.url), headers={}, request=request)


def sealed_received(
    vault: Vault, source: str, submission_id: str, received: Received | None
) -> Received | None:
    """Return the end of an attempt as it is to be stored; without an answer there is nothing to encrypt."""
    if received is None or received.body is None:
        return received
    place = _message("answer", source, submission_id, received.message_id)
    if vault.active is None:
        body = vault.seal(received.body, *place)
        return received if body is received.body else replace(received, body=body)
    head = {"headers": object_json(received.headers)}
    return replace(received, headers={}, body=vault.seal(_with_head(head, received.body), *place))


def sealed_progress(vault: Vault, source: str, submission_id: str, progress: Mapping[str, str]) -> bytes:
    """Return what a submission's steps left as it is to be stored."""
    return vault.seal(
        json.dumps(dict(progress)).encode(), "progress", storable(source), storable(submission_id)
    )


def opened_progress(vault: Vault, source: str, submission_id: str, stored: bytes | None) -> Mapping[str, str]:
    """Return what `sealed_progress` was given, nothing where nothing is stored. Raises CannotDecrypt."""
    if stored is None:
        return _NONE
    progress: dict[str, str] = json.loads(
        vault.open(stored, "progress", storable(source), storable(submission_id))
    )
    return progress


def sealed_message(
    vault: Vault, source: str, submission_id: str, message_id: str, opened: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what `opened_message` returned as it is to be stored, where the vault encrypts."""
    stored = dict(opened)
    for part in ("request", "answer"):
        if opened[part] is not None:
            head = {"headers": opened[f"{part}_headers"]} | (
                {"url": opened["url"]} if part == "request" else {}
            )
            place = _message(part, source, submission_id, message_id)
            stored |= {part: vault.seal(_with_head(head, opened[part]), *place), f"{part}_headers": "{}"}
    return stored | {"url": host_of(opened["url"])}


def host_of(url: str) -> str:
    """Return an address up to its host: a path may hold parameters, and among them a patient's number."""
    host = _HOST.match(url)
    return host.group() if host else ""


def _with_head(head: Mapping[str, Any], body: bytes) -> bytes:
    return json.dumps(head).encode() + b"\n" + body


def opened_message(vault: Vault, source: str, submission_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return url, request_headers, request, answer_headers and answer of an attempt, in clear. Raises CannotDecrypt.

    ``row`` has them and message_id, see `evidence_sql`. Headers are JSON texts, as in the table. A value is bound to
    its message and kind, and not to its table: a row that was moved opens as before.
    """
    opened = {name: row[name] for name in ("url", "request_headers", "request", "answer_headers", "answer")}
    for part in ("request", "answer"):
        stored = row[part]
        if stored is None:
            continue
        body = vault.open(stored, *_message(part, source, submission_id, row["message_id"]))
        if key_of(stored) is not None:
            head, _, body = body.partition(b"\n")
            known = json.loads(head)
            opened[f"{part}_headers"] = known["headers"]
            opened["url"] = known.get("url", opened["url"])
        opened[part] = body
    return opened


def _message(part: str, source: str, submission_id: str, message_id: str) -> tuple[str, ...]:
    return part, storable(source), storable(submission_id), storable(message_id)


def _changed(change: Any, event: Event, *place: str) -> Event:
    key = None if event.key is None else change(event.key, "key", *place)
    value = None if event.value is None else change(event.value, "value", *place)
    if key is event.key and value is event.value:  # nothing is encrypted: a copy costs much
        return event
    return replace(event, key=key, value=value)
