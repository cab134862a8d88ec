"""Files that are sent and saved over real TLS: whole, bounded, and never whole in memory."""

import asyncio
import gzip
import hashlib
import time
import tracemalloc

import pytest

from tests.support.transport.streams import PIECE, Kept, Receiver, sends, streamed
from worker.file_store import FileDiffers, FileStoreOutage, FileTooLarge, NoSuchFile
from worker.transport.client import AiohttpBackedClient
from worker.transport.port import Answer, DeliveryError, SendGuard, SendRefused, Sink, Streamed

LARGE = 160
"""Pieces of 256 KiB: 40 MiB."""
MOST_MEMORY = 10 * 1024 * 1024


@pytest.fixture
def kind():
    """The one client that takes files."""
    return AiohttpBackedClient


async def upload(client, url, content, **options):
    return await client.request(
        "POST", url, headers={"content-type": "text/plain"}, content=content, **options
    )


async def download(client, url, sink):
    return await client.request("GET", url, headers={}, sink=sink)


@pytest.mark.parametrize(
    "pieces", [(), (b"a",), (b"<b>", PIECE, PIECE, b"</b>")], ids=["none", "one", "several"]
)
async def test_a_file_arrives_whole_with_its_length(clients, serve, pieces):
    receiver = Receiver()
    client = clients().plain()
    peer = serve(receiver)

    for _ in range(2):
        answer = await upload(client, peer.url, streamed(*pieces))

        assert (answer.status, answer.body) == (200, b"<ok/>")
        assert receiver.digest.digest() == hashlib.sha256(b"".join(pieces)).digest()
        assert b"chunked" not in receiver.head.lower()
        assert receiver.head.lower().count(b"content-length: ") == 1
    assert peer.connections == 1


async def test_the_length_is_that_of_the_content_whatever_the_headers_say(clients, serve):
    receiver = Receiver()
    headers = {"Content-Length": "7", "x-a": "b"}
    await clients().plain().request("POST", serve(receiver).url, headers=headers, content=streamed(b"abc"))
    assert receiver.size == 3


@pytest.mark.parametrize(
    ("pieces", "size", "reason"),
    [
        ((PIECE, FileStoreOutage()), 2 * len(PIECE), "file-store-unavailable"),
        ((NoSuchFile(),), 10, "no-such-file"),
        ((PIECE, ValueError("health data")), 2 * len(PIECE), "defect"),
        ((PIECE, TimeoutError()), 2 * len(PIECE), "defect"),
        ((PIECE,), len(PIECE) + 1, "file-differs"),
        ((PIECE, b"x"), len(PIECE), "file-differs"),
        ((b"x",), 0, "file-differs"),
    ],
    ids=["outage", "gone", "defect", "timeout", "short", "long", "not-empty"],
)
async def test_content_that_fails_ends_the_exchange_as_sent(clients, serve, pieces, size, reason):
    guard = SendGuard(lambda: True)
    client = clients().plain()
    receiver = Receiver()

    with pytest.raises(DeliveryError) as failed:
        await upload(client, serve(receiver).url, streamed(*pieces, size=size), guard=guard)

    assert (failed.value.reason, failed.value.sent, guard.sent) == (reason, True, True)
    assert "health data" not in str(failed.value)
    assert receiver.size <= size


async def test_nothing_leaves_where_the_guard_refuses(clients, serve):
    peer = serve(Receiver())
    with pytest.raises(SendRefused):
        await upload(clients().plain(), peer.url, streamed(PIECE), guard=SendGuard(lambda: False))
    assert peer.requests == []


async def test_the_guard_is_asked_after_the_connection_is_made_and_before_the_first_piece(clients, serve):
    order = []
    peer = serve(Receiver())

    def permitted():
        order.append(("guard", peer.connections))
        return True

    async def chunks():
        order.append(("piece", peer.connections))
        yield b"abc"

    await upload(clients().plain(), peer.url, Streamed(3, chunks), guard=SendGuard(permitted))

    assert order == [("guard", 1), ("piece", 1)]


async def test_a_refused_connection_is_not_sent(clients):
    with pytest.raises(DeliveryError) as failed:
        await upload(clients().plain(), "https://127.0.0.1:1", streamed(PIECE))
    assert (failed.value.reason, failed.value.sent) == ("connection-refused", False)


async def test_an_answer_that_comes_before_the_file_ends_is_read(clients, serve):
    def script(connection):
        connection.read_head()
        connection.answer(b"too large", status="413 Content Too Large", headers=("Connection: close",))
        connection.wait_for_close()

    answer = await upload(clients().plain(), serve(script).url, streamed(*[PIECE] * 40))

    assert (answer.status, answer.body) == (413, b"too large")


async def test_a_connection_that_breaks_under_the_file_is_lost_after_sending(clients, serve):
    def script(connection):
        connection.read_head()
        connection.reset()

    with pytest.raises(DeliveryError) as failed:
        await upload(clients().plain(), serve(script).url, streamed(*[PIECE] * 40))
    assert (failed.value.reason, failed.value.sent) == ("connection-lost", True)


async def test_what_the_pieces_come_from_is_released_when_the_exchange_fails(clients, serve):
    released = []

    async def chunks():
        try:
            yield PIECE
            await asyncio.Event().wait()
        finally:
            released.append(True)

    def script(connection):
        connection.read_head()
        connection.reset()

    with pytest.raises(DeliveryError):
        await upload(clients().plain(), serve(script).url, Streamed(2 * len(PIECE), chunks))
    assert released


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "206 Partial Content"])
async def test_a_file_is_saved_whole(clients, serve, status):
    kept = Kept()
    answer = await download(
        clients(max_answer_bytes=10).plain(), serve(sends(3, status=status)).url, kept.sink
    )

    assert answer == Answer(int(status[:3]), answer.headers, b"", saved=True)
    assert kept.digest.digest() == hashlib.sha256(PIECE * 3).digest()


async def test_a_compressed_file_is_saved_decoded_in_bounded_pieces(clients, serve):
    packed = gzip.compress(b"a" * 8_000_000)
    kept = Kept()
    script = sends(1, piece=packed, headers=("Content-Encoding: gzip",))

    answer = await download(clients().plain(), serve(script).url, kept.sink)

    assert answer.saved
    assert kept.digest.digest() == hashlib.sha256(b"a" * 8_000_000).digest()
    assert kept.largest <= 2 * 1024 * 1024


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Failed"])
async def test_another_answer_is_read_as_usual(clients, serve, status):
    kept = Kept()
    script = sends(1, piece=b"<why/>", status=status)
    answer = await download(clients().plain(), serve(script).url, kept.sink)
    assert (answer.status, answer.body, answer.saved) == (int(status[:3]), b"<why/>", False)
    assert kept.size == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileTooLarge(5), "file-too-large"),
        (FileDiffers(), "file-differs"),
        (FileStoreOutage("host"), "file-store-unavailable"),
        (ValueError("health data"), "defect"),
        (OSError(28, "disk full"), "defect"),
    ],
    ids=lambda case: case if isinstance(case, str) else type(case).__name__,
)
async def test_what_the_sink_raises_ends_the_exchange(clients, serve, error, reason):
    client = clients().plain()
    peer = serve(sends(3))
    with pytest.raises(DeliveryError) as failed:
        await download(client, peer.url, Kept(error).sink)
    assert (failed.value.reason, failed.value.sent) == (reason, True)
    assert "health data" not in str(failed.value)
    kept = Kept()
    assert (await download(client, peer.url, kept.sink)).saved


async def test_a_sink_that_does_not_read_to_the_end_is_a_defect(clients, serve):
    async def write(chunks):
        await anext(chunks)

    with pytest.raises(DeliveryError) as failed:
        await download(clients().plain(), serve(sends(3)).url, Sink(write))
    assert failed.value.reason == "defect"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_more_than_the_limit_is_too_large(clients, serve, packed):
    body, headers = (gzip.compress(b"a" * 100_000), ("Content-Encoding: gzip",)) if packed else (PIECE, ())
    kept = Kept(limit=50_000)
    with pytest.raises(DeliveryError) as failed:
        await download(clients().plain(), serve(sends(1, piece=body, headers=headers)).url, kept.sink)
    assert failed.value.reason == "file-too-large"
    assert "50000 bytes" in str(failed.value)
    assert isinstance(kept.raised, FileTooLarge)


async def test_a_body_that_breaks_off_is_broken_for_the_sink_too(clients, serve):
    kept = Kept()
    script = sends(2, length=3 * len(PIECE))
    with pytest.raises(DeliveryError) as failed:
        await download(clients().plain(), serve(script).url, kept.sink)
    assert failed.value.reason == "answer-broken"
    assert kept.raised is not None


async def test_a_file_that_is_encoded_twice_is_not_taken(clients, serve):
    body = gzip.compress(gzip.compress(b"a"))
    script = sends(1, piece=body, headers=("Content-Encoding: gzip, gzip",))
    with pytest.raises(DeliveryError) as failed:
        await download(clients().plain(), serve(script).url, Kept().sink)
    assert failed.value.reason == "answer-broken"


async def test_a_transfer_takes_longer_than_the_total_timeout_while_its_bytes_flow(clients, serve):
    bounds = {"connect_timeout": 1.0, "answer_timeout": 1.0, "total_timeout": 1.0}
    client = clients(**bounds).plain()
    receiver = Receiver(pause=0.001)
    began = time.monotonic()
    answer = await upload(client, serve(receiver).url, streamed(*[PIECE] * 128))
    assert answer.status == 200
    assert receiver.size == 128 * len(PIECE)
    assert time.monotonic() - began > 1.0

    kept = Kept()
    answer = await download(client, serve(sends(8, pause=0.2)).url, kept.sink)
    assert answer.saved
    assert kept.size == 8 * len(PIECE)


async def test_a_silence_ends_a_transfer_in_either_direction(clients, serve):
    client = clients(connect_timeout=0.5, answer_timeout=0.5, total_timeout=30).plain()

    def deaf(connection):
        connection.read_head()
        connection.peer.stopping.wait(20)

    for transfer in (
        upload(client, serve(deaf).url, streamed(*[PIECE] * 200)),
        download(client, serve(sends(1, length=2 * len(PIECE), pause=5)).url, Kept().sink),
    ):
        async with asyncio.timeout(10):
            with pytest.raises(DeliveryError) as failed:
                await transfer
        assert (failed.value.reason, failed.value.sent) == ("answer-timeout", True)


async def test_a_transfer_that_trickles_ends_all_the_same(clients, serve):
    slow = {"connect_timeout": 0.5, "answer_timeout": 0.5, "total_timeout": 1.0}
    client = clients(**slow, least_bytes_per_second=1_000_000).plain()
    script = sends(1000, piece=b"x" * 10, pause=0.05)
    async with asyncio.timeout(10):
        with pytest.raises(DeliveryError) as failed:
            await download(client, serve(script).url, Kept().sink)
    assert failed.value.reason == "answer-timeout"


async def test_a_large_file_is_never_whole_in_memory(clients, serve):
    client, receiver, kept = clients().plain(), Receiver(), Kept()
    receiving, sending = serve(receiver), serve(sends(LARGE))
    await upload(client, receiving.url, streamed(PIECE))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await upload(client, receiving.url, streamed(*[PIECE] * LARGE))
        _, uploading = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await download(client, sending.url, kept.sink)
        _, downloading = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert receiver.size == kept.size == LARGE * len(PIECE)
    assert uploading - before < MOST_MEMORY
    assert downloading - before < MOST_MEMORY
