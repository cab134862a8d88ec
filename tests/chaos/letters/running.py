"""eDelivery and eForms in a run: what is published, what arrives, and when nothing is left to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sandbox.edelivery.people import HOSPITAL
from tests.chaos.control import ask
from tests.chaos.evidence import Sent
from tests.chaos.journal_looks import look_into
from tests.chaos.letters.arrivals import Arrived, arrived, message_of
from tests.chaos.letters.events import UPLOAD, UPLOAD_ID, event, system_of
from tests.chaos.letters.installation import LettersInstallation
from tests.chaos.letters.plan import OPENS, Ask, Kind
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch
from tests.support.postgres.journal import RealClock
from tests.support.worker.hospital import SOURCE, Event
from worker.file_store import FileOwner, NewFile
from worker.files.building import build_file_store
from worker.files.settings import FilesSettings
from worker.files.store import JournalFileStore
from worker.journal.settings import JournalSettings

AT_ONCE = 3
ENOUGH = 12
"""Submissions without an answer, beyond which more would only make a busy machine slower."""
LOOK_SECONDS = 0.5
BETWEEN_ENDS_OF_TOKENS = 30.0
"""Seconds; on a slow machine an attempt takes five, and a worker notices the end of a token at its next use."""
_TOLD = "select count(*) from notifications where system = 'edelivery'"


@dataclass(frozen=True)
class Letters:
    """What the faults and the run use. ``database`` is the journal's, behind no proxy."""

    installation: LettersInstallation
    producer: Producer
    watch: Watch
    database: str
    arrived: dict[str, Arrived] = field(default_factory=dict)
    """What each submission opens."""
    _made: dict[str, Event] = field(default_factory=dict)
    _tokens_ended: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def ending_tokens(self) -> AsyncIterator[None]:
        """Let all tokens end in the block, once no attempt is left that met the last end of them.

        A submission whose token is refused twice in a row waits for an operator, as it should.
        """
        if self._tokens_ended:
            await asyncio.sleep(self._tokens_ended[-1] + BETWEEN_ENDS_OF_TOKENS - time.monotonic())
        yield
        self._tokens_ended.append(time.monotonic())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the file that letters refer to, and let the system post what arrives, while the block runs."""
        async with self.store() as store:
            owner = FileOwner("edelivery", SOURCE)
            new = NewFile(UPLOAD_ID, owner, "application/octet-stream", "invented.bin")
            await store.save(new, _chunks(UPLOAD), uploaded=True)
        await asyncio.to_thread(
            self.installation.servers.edelivery.control, "push", {"url": self.installation.push_url}
        )
        yield

    @asynccontextmanager
    async def store(self) -> AsyncIterator[JournalFileStore]:
        """Have the file store while the block runs."""
        store = build_file_store(FilesSettings(), JournalSettings(dsn=self.database), RealClock())
        try:
            yield store
        finally:
            await store.close()

    async def publish(self, asks: Sequence[Ask]) -> None:
        """Publish each at its time; returns when Kafka has them all."""
        start = time.monotonic()
        for one in asks:
            await asyncio.sleep(max(0.0, start + one.at - time.monotonic()))
            await self._publish(one.id, one.kind, again=one.again)

    async def occasion(self, kind: Kind) -> None:
        """Publish some beside the plan, now, unless many are still to be answered."""
        asked = {one.submission for one in self.producer.sent if one.operation in set(Kind)}
        if len(asked - self.watch.kinds.keys()) >= ENOUGH:
            return
        for _ in range(AT_ONCE):
            await self._publish(self.producer.next_id(f"{kind}-e"), kind)

    async def occasion_to_send(self) -> None:
        """Publish a few letters."""
        await self.occasion(Kind.LETTER)

    async def occasion_to_look(self) -> None:
        """Let a message arrive that nobody opens."""
        await self._arrive(self.producer.next_id("unopened"), Kind.OPENING)

    async def settled(self) -> None:
        """Wait until the journal has a notification of every message that arrived."""
        while True:
            if await self._all_told():
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _all_told(self) -> bool:
        ledger = await ask(self.installation.servers.edelivery.ledger)
        mine = [one for one in ledger["messages"] if HOSPITAL in _profiles(one)]
        async with look_into(self.database) as connection:
            return bool(await connection.fetchval(_TOLD) >= len(mine))

    async def _publish(self, name: str, kind: Kind, *, again: bool = False) -> None:
        if not again:
            message = 0
            if kind in OPENS:
                self.arrived[name] = await self._arrive(name, kind)
                message = self.arrived[name].message
            self._made[name] = event(name, kind, message=message)
        system = system_of(kind)
        metadata = await self.producer.send(self.installation.of(system).topics.submissions, self._made[name])
        self.producer.sent.append(
            Sent(name, "", kind, metadata.partition, metadata.offset, again=again, system=system)
        )

    async def _arrive(self, name: str, kind: Kind) -> Arrived:
        body = message_of(name, kind)
        return arrived(await ask(lambda: self.installation.servers.edelivery.control("message", body)))


def _profiles(message: dict[str, list[dict[str, int]]]) -> set[int]:
    return {one["profileId"] for one in message["recipients"]}


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
