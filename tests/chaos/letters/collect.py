"""Collects the evidence about eDelivery, eForms and the file store."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.edelivery.people import HOSPITAL
from tests.chaos.letters.arrivals import Arrived
from tests.chaos.letters.evidence import LettersEvidence, Notice, Opening, Referred, SentMessage
from tests.chaos.letters.installation import LettersInstallation
from tests.chaos.readers import Read, digest, read_all
from worker.file_store import FileStoreOutage, NoSuchFile
from worker.files.store import JournalFileStore

_REFERENCE = frozenset({"id", "sha256", "size", "mediaType", "expiresAt"})
"""Members by which a reference to a file is known."""


async def collect_letters(
    installation: LettersInstallation, arrived: Mapping[str, Arrived], store: JournalFileStore
) -> LettersEvidence:
    """Read what the run left behind: in the sandbox, in the topics, and in the file store."""
    ledger = await asyncio.to_thread(installation.servers.edelivery.ledger)
    bootstrap = installation.edelivery.bootstrap
    results = [one.topics.results for one in installation.systems]
    replies = await asyncio.to_thread(read_all, bootstrap, results)
    told = await asyncio.to_thread(read_all, bootstrap, list(installation.notifications))
    referred = tuple(one for read in (*replies, *told) for one in _referred(read))
    inbox = {one["messageId"]: one for one in ledger["messages"] if _receipt(one) is not None}
    return LettersEvidence(
        sent=tuple(_sent(ledger)),
        openings={name: Opening(one.message, one.digests) for name, one in arrived.items()},
        inbox=frozenset(inbox),
        opened=frozenset(number for number, one in inbox.items() if _receipt(one)["dateReceived"]),
        notices=tuple(_notice(read, installation.notifications[read.topic]) for read in told),
        referred=referred,
        stored=await _stored(store, {one.file for one in referred}),
    )


def _receipt(message: Mapping[str, Any]) -> Any:
    """Return the hospital's copy of a message; None where it is not among the recipients."""
    return next((one for one in message["recipients"] if one["profileId"] == HOSPITAL), None)


def _sent(ledger: Mapping[str, Any]) -> Iterator[SentMessage]:
    """Yield what the hospital sent, through the ESB."""
    hashes = {one["blobId"]: one["hash"].lower() for one in ledger["blobs"]}
    for one in ledger["messages"]:
        if one["sentByProfileId"] == HOSPITAL:
            digests = frozenset(hashes[number] for number in one["blobIds"])
            yield SentMessage(one["messageId"], one["sentRnu"] or "", one["subject_sha256"], digests)


def _notice(read: Read, system: str) -> Notice:
    told = json.loads(read.value or b"{}")
    return Notice(read.header("ce_id"), system, told["messageId"], digest(read), read.at)


def _referred(read: Read) -> Iterator[Referred]:
    """Yield the files that a reply, by its submission's name, or a notification, by its own id, refers to."""
    by = dict(read.headers).get("ce_submissionid") or dict(read.headers)["ce_id"] or b""
    for one in _references(json.loads(read.value or b"{}")):
        yield Referred(by.decode(), one["id"], one["sha256"])


def _references(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.keys() >= _REFERENCE:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)


async def _stored(store: JournalFileStore, files: set[str]) -> dict[str, str]:
    found = {}
    for file in files:
        hashed = hashlib.sha256()
        try:
            async for piece in store.read(file):
                hashed.update(piece)
        except (FileStoreOutage, NoSuchFile):
            continue
        found[file] = hashed.hexdigest()
    return found
