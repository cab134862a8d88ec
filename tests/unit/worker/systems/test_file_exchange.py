"""A request that carries a stored file, an answer that becomes one: what is asked of the client and of the store."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.support.fakes.large_files import OWNER, LargeFiles, content
from tests.unit.worker.systems.test_base import OPERATION, PREPARED, PlainSystem
from worker.file_store import FileStoreOutage, NewFile, NoSuchFile
from worker.systems.port import SentFile
from worker.transport.port import Answer, DeliveryError, SendGuard, Streamed

UPLOAD = replace(PREPARED, request=b"<before>", file=SentFile("f-1", 300_000, b"</after>"))
SAVE = replace(PREPARED, request=b"", method="GET", save=NewFile("f-2", OWNER, "application/pdf"))


class Client:
    """Reads what it is to send, and writes what it was told to answer into the sink."""

    def __init__(self, saves: bytes = b"") -> None:
        self.saves = saves
        self.sent = []

    async def request(self, method, url, *, headers, content, reuse, guard, sink):
        guard.begin()
        if isinstance(content, Streamed):
            body = b"".join([piece async for piece in content.chunks()])
            assert len(body) == content.size
            content = body
        self.sent.append((method, url, headers, content, reuse))
        if sink is None:
            return Answer(200, {}, b"uploaded")
        await sink.write(self._pieces())
        return Answer(200, {}, b"", saved=True)

    async def _pieces(self):
        for place in range(0, len(self.saves), 1000):
            yield self.saves[place : place + 1000]


def system_with(files, **client):
    made = Client(**client)
    given = {"operations": [OPERATION], "signers": ["one"], "client": made, "url": "https://plain.test/"}
    return PlainSystem(**given, files=files), made


async def exchange(system, prepared):
    return await system.exchange(prepared, SendGuard(lambda: True))


@pytest.mark.parametrize("size", [0, 1, 300_000])
async def test_the_body_is_the_request_with_the_file_in_it(size):
    system, client = system_with(LargeFiles({"f-1": size}))
    prepared = replace(UPLOAD, file=SentFile("f-1", size, b"</after>"))

    assert (await exchange(system, prepared)).body == b"uploaded"

    headers = {"accept": "text/plain", "authorization": "key"}
    body = b"<before>" + content(size) + b"</after>"
    assert client.sent == [("PUT", "https://plain.test/post", headers, body, False)]


async def test_an_answer_is_saved_under_its_id():
    files = LargeFiles()
    system, client = system_with(files, saves=content(5000))

    assert (await exchange(system, SAVE)).saved

    assert files.digests == {"f-2": hashlib.sha256(content(5000)).hexdigest()}
    assert client.sent[0][3] == b""


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (None, "configuration"),
        (LargeFiles(), "no-such-file"),
        (LargeFiles({"f-1": 299_999}), "no-such-file"),
        (FileStoreOutage("host"), "file-store-unavailable"),
    ],
    ids=["no-store", "gone", "another-size", "outage"],
)
async def test_a_file_that_cannot_be_sent_is_known_before_anything_is_sent(files, reason):
    if isinstance(files, Exception):
        store = LargeFiles({"f-1": 300_000})
        store.raises = files
        files = store
    system, client = system_with(files)

    with pytest.raises(DeliveryError) as failed:
        await exchange(system, UPLOAD)

    assert (failed.value.reason, failed.value.sent) == (reason, False)
    assert "host" not in str(failed.value)
    assert client.sent == []


async def test_a_file_that_goes_meanwhile_stops_the_content():
    files = LargeFiles({"f-1": 300_000})

    class Late(Client):
        async def request(self, method, url, *, content, **other):
            files.sizes.clear()
            return await super().request(method, url, content=content, **other)

    given = {"operations": [OPERATION], "signers": ["one"], "url": "https://plain.test/"}
    system = PlainSystem(**given, client=Late(), files=files)
    with pytest.raises(NoSuchFile):
        await exchange(system, UPLOAD)


class KnownFiles(LargeFiles):
    """A store that has the file already, and reads nothing of it."""

    async def save(self, new, chunks, *, uploaded=False):
        del chunks, uploaded
        return await self.find(new.id)


async def test_an_answer_is_read_to_its_end_where_the_store_has_it_already():
    class Counting(Client):
        async def _pieces(self):
            async for piece in super()._pieces():
                yield piece
            self.sent.append("all")

    client = Counting(saves=b"x" * 5000)
    given = {"operations": [OPERATION], "signers": ["one"], "client": client, "url": "https://plain.test/"}
    system = PlainSystem(**given, files=KnownFiles({"f-2": 5000}))

    assert (await exchange(system, SAVE)).saved
    assert client.sent[-1] == "all"
