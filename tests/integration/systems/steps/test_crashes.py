"""A submission of three steps on the real journal, over real TLS, with a file of 40 MB: killed anywhere, sent once.

The system is invented: it uploads a stored file, asks whether it was scanned, sends, and finds what was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import tracemalloc
from dataclasses import replace
from itertools import count
from random import Random

import pytest

from contracts.reasons import Reason
from tests.support.fakes.journal import reply
from tests.support.fakes.large_files import LargeFiles, content
from tests.support.fakes.one_delivery import POLICY, SUBMISSION
from tests.support.fakes.ports import FakeClock, admission
from tests.support.postgres.fixtures import connection, open_journal
from tests.support.postgres.journal import RealClock, request
from tests.support.signing.certificates import issue, key_usage
from tests.support.transport.tls_peer import Peer, server_context
from worker.outcome import Accepted, Advanced, NotArrived, Unknown
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.delivery import Delivery
from worker.pipeline.job import Job
from worker.pipeline.ports import Claimed, Final, State
from worker.pipeline.shutdown import Shutdown
from worker.systems.base import HttpSystem
from worker.systems.port import Operation, Recovery, SentFile
from worker.systems.steps import Step
from worker.transport.clients import HttpClients
from worker.transport.settings import TransportSettings

__all__ = ["connection", "open_journal"]

LARGE = 40 * 1024 * 1024
BEFORE, AFTER = b"--part\r\n\r\n", b"\r\n--part--\r\n"
OPERATION = Operation("scripted", "thing.do", Recovery.LOOK_UP_FIRST, looks_up=True)
TICK = 0.01
WRITES = 9
"""Of a run that is not killed: a claim, sending four times, three times received, and the end."""


class Office:
    """The other side: what it was uploaded, and what was sent to it. The peer's threads share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blobs: dict[str, tuple[int, str]] = {}
        self.asked = 0
        self.sent: list[str] = []

    def __call__(self, connection) -> None:
        while data := connection.read_head():
            head, _, body = data.partition(b"\r\n\r\n")
            path = head.split()[1].decode()
            digest, size = hashlib.sha256(body), len(body)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while size < length:
                more = connection.sock.recv(65536)
                if not more:
                    return
                digest.update(more)
                size += len(more)
            with self.lock:
                connection.answer(json.dumps(self._answer(path, size, digest.hexdigest())).encode())

    def _answer(self, path: str, size: int, digest: str) -> object:
        what, _, blob = path.strip("/").partition("/")
        if what == "upload":
            blob = f"b-{len(self.blobs) + 1}"
            self.blobs[blob] = size, digest
            return blob
        if what == "scan":
            self.asked += 1
            return "clean" if self.asked > 1 else "pending"
        if what == "send":
            self.sent.append(blob)
        return self.sent


class OfficeSystem(HttpSystem):
    """Uploads, waits for the scan, sends; the look-up shows what was sent."""

    name, title, time_zone = "scripted", "the office", "Europe/Sofia"

    def step(self, submission, progress):
        if "blob" not in progress:
            return Step("upload", Recovery.REPEAT)
        if "scan" not in progress:
            return Step("scan", Recovery.REPEAT)
        return Step("send", Recovery.LOOK_UP_FIRST, looks_up=True)

    async def prepare(self, submission, attempt):
        step = self.step(submission, attempt.progress).name
        return self._of(submission, attempt, step, attempt.progress.get("blob", ""))

    async def prepare_look_up(self, submission, attempt, found):
        return self._of(submission, attempt, "find", attempt.progress["blob"])

    def _of(self, submission, attempt, what, blob):
        url = f"{self._url}/{what}/{blob}"
        message = self._message(submission, attempt, request=b"{}", headers={}, url=url)
        if what != "upload":
            return message
        return replace(message, request=BEFORE, file=SentFile("f-1", self._files.sizes["f-1"], AFTER))

    def interpret(self, submission, prepared, answer):
        said, progress = json.loads(answer.body), prepared.progress
        match prepared.step:
            case "upload":
                return Advanced({"blob": said})
            case "scan":
                return Advanced({**progress, "scan": said} if said == "clean" else progress, delay=TICK)
            case "send":
                return Accepted({"sent": said})
        return Unknown(Reason.UNEXPECTED_MESSAGE, "no step")

    def settle(self, submission, found, look_up, answer):
        there = look_up.progress["blob"] in json.loads(answer.body)
        return Accepted({}) if there else NotArrived(Reason.ANSWER_TIMEOUT, "it is not there")


class Crash(KeyboardInterrupt):
    """The process ends here."""


class Killed:
    """A worker's journal that ends the worker before, or right after, one of its writes has become durable."""

    def __init__(self, journal, at: int, *, after: bool) -> None:
        self._journal, self._at, self._after = journal, at, after
        self.writes = 0

    def __getattr__(self, name):
        write = getattr(self._journal, name)
        if name not in ("claim", "sending", "received", "finish"):
            return write

        async def killed(*args, **options):
            self.writes += 1
            if self.writes == self._at and not self._after:
                raise Crash
            result = await write(*args, **options)
            if self.writes == self._at:
                raise Crash
            return result

        return killed


@pytest.fixture(scope="module")
def authority():
    return issue("Test CA", authority=True)


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def peer(authority, office):
    server = issue("server", issuer=authority, hosts=("127.0.0.1",), usage=key_usage(digital_signature=True))
    with Peer(office, server_context(server)) as running:
        yield running


@pytest.fixture
async def make_system(authority, peer, tmp_path):
    """Make the system with a file of some size in its store."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(authority.pem())
    clients = HttpClients(TransportSettings(ca_file=ca_file))

    def make(size):
        files = LargeFiles({"f-1": size})
        given = {"operations": [OPERATION], "signers": ["doctor-1"], "url": peer.url}
        return OfficeSystem(**given, client=clients.plain(), files=files)

    yield make
    await clients.aclose()


async def deliver(system, journal) -> State:
    """Claim, deliver and finish, as the engine does."""
    numbers, shutdown = count(1), Shutdown()
    policy = replace(POLICY, initial=TICK)
    delivery = Delivery(
        system,
        journal,
        RealClock(),
        policy=lambda _: policy,
        new_id=lambda: f"m-{id(journal)}-{next(numbers)}",
        admission=admission(system, FakeClock()),
        random=Random(1),
    )
    found = await journal.claim(request(SUBMISSION.id, source=SUBMISSION.source, type=SUBMISSION.type))
    assert isinstance(found, Claimed)
    rule = ContainedSystem(system).rule(SUBMISSION, found.progress)
    job = Job.resume(SUBMISSION, rule, found, shutdown)
    end = await delivery.run(job)
    await journal.finish(job.ticket, Final(end.state, reply(), None, RealClock().now()), job.received)
    return end.state


POINTS = [(at, after) for at in range(1, WRITES + 1) for after in (False, True)]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{'after' if point[1] else 'before'} {point[0]}")
async def test_killed_at_any_write_it_is_sent_once(make_system, office, open_journal, connection, point):
    at, after = point
    system = make_system(100_000)
    first = Killed(await open_journal("worker-1"), at, after=after)
    with pytest.raises(Crash):
        await deliver(system, first)
    await connection.execute("update workers set lease_until = clock_timestamp() - interval '1 second'")
    second = await open_journal("worker-2")
    if point != (WRITES, True):  # else its end is durable already
        assert await deliver(system, second) is State.ACCEPTED

    assert len(office.sent) == 1
    assert office.blobs[office.sent[0]][0] == len(BEFORE) + 100_000 + len(AFTER)
    row = await connection.fetchrow("select state, in_doubt, progress from submissions")
    assert tuple(row) == ("accepted", False, None)
    steps = await connection.fetch("select step from attempts where purpose = 'submit' order by sent_at")
    names = [row["step"] for row in steps]
    assert [name for n, name in enumerate(names) if name not in names[:n]] == ["upload", "scan", "send"]


async def test_a_run_that_is_not_killed_writes_no_more_often(make_system, office, open_journal):
    journal = Killed(await open_journal("worker-1"), 0, after=False)
    assert await deliver(make_system(1000), journal) is State.ACCEPTED
    assert journal.writes == WRITES
    assert (len(office.blobs), office.asked, len(office.sent)) == (1, 2, 1)


async def test_a_file_of_40_mb_goes_through_all_steps_and_never_into_memory(
    make_system, office, open_journal
):
    journal = await open_journal("worker-1")
    system = make_system(LARGE)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        assert await deliver(system, journal) is State.ACCEPTED
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most - before < 10 * 1024 * 1024
    ((size, digest),) = office.blobs.values()
    assert size == len(BEFORE) + LARGE + len(AFTER)
    whole = await asyncio.to_thread(lambda: hashlib.sha256(BEFORE + content(LARGE) + AFTER).hexdigest())
    assert digest == whole
