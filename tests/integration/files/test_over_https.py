"""Files over HTTPS: whoever may, and nobody else; whole or in parts; audited; and never all in memory."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import os
import resource
from datetime import UTC, datetime

import httpx
import pytest

from tests.support.files.served import HIS, OTHER, serve
from tests.support.files.stores import chunks_of, many, new_file
from worker.file_store import CHUNK
from worker.journal.settings import JournalSettings

CONTENT = os.urandom(2 * CHUNK + 5)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
MEBIBYTE = 1024 * 1024


@pytest.fixture
async def served(stores, tmp_path):
    made = []

    async def start(store=None, **options):
        made.append(await serve(store or stores(), tmp_path, **options))
        return made[-1]

    yield start
    for one in made:
        await one.server.stop(1)


@pytest.fixture
async def files(served, stores):
    """A server, and one file of urn:hospital:1."""
    store = stores()
    stored = await store.save(new_file(), chunks_of(CONTENT))
    return await served(store), stored


async def accesses(connection):
    rows = await connection.fetch("select act, who, source, bytes, complete from file_accesses order by id")
    return [tuple(row) for row in rows]


async def test_a_client_fetches_its_own_file_by_its_certificate(files, connection):
    server, stored = files
    async with server.client(HIS) as client:
        answer = await client.get(f"/files/{stored.id}")
        assert answer.status_code == 200
        assert hashlib.sha256(answer.content).hexdigest() == stored.sha256 == DIGEST
        assert answer.headers["etag"] == f'"{DIGEST}"'
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith("attachment; ")
        head = await client.head(f"/files/{stored.id}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(CONTENT))
    assert await accesses(connection) == [("fetch", HIS, "urn:hospital:1", len(CONTENT), True)]


async def test_a_signed_address_needs_no_certificate(files, connection):
    server, stored = files
    async with server.client() as client:
        answer = await client.get(server.addresses.to_fetch(stored.id))
        assert (answer.status_code, answer.content) == (200, CONTENT)
        expired = await client.get(server.addresses.to_fetch(stored.id, 0))
        assert expired.status_code == 403
        signed = server.addresses.to_fetch(stored.id)
        assert (await client.get(signed.replace(stored.id, new_file("f-2").id))).status_code == 403
        assert (await client.get(signed[:-1])).status_code == 403
    assert await accesses(connection) == [("fetch", "signed address", "urn:hospital:1", len(CONTENT), True)]


async def test_parts_of_a_file(files):
    server, stored = files
    async with server.client(HIS) as client:
        url = f"/files/{stored.id}"
        for asked, part in (
            ("bytes=0-9", CONTENT[:10]),
            (f"bytes={CHUNK - 1}-{CHUNK + 1}", CONTENT[CHUNK - 1 : CHUNK + 2]),
            ("bytes=-7", CONTENT[-7:]),
            (f"bytes={CHUNK}-", CONTENT[CHUNK:]),
        ):
            answer = await client.get(url, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, part)
        beyond = await client.get(url, headers={"Range": f"bytes={len(CONTENT)}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")


async def test_whoever_may_not_learns_nothing(files, connection):
    server, stored = files
    async with server.client() as nobody, server.client(OTHER) as other, server.client("unknown") as unknown:
        assert (await nobody.get(f"/files/{stored.id}")).status_code == 401
        assert (await unknown.get(f"/files/{stored.id}")).status_code == 403
        foreign = await other.get(f"/files/{stored.id}")
        absent = await other.get(f"/files/{new_file('absent').id}")
        assert (
            (foreign.status_code, foreign.content)
            == (absent.status_code, absent.content)
            == (404, absent.content)
        )
        assert {k: v for k, v in foreign.headers.items() if k != "date"} == {
            k: v for k, v in absent.headers.items() if k != "date"
        }
        assert (await other.get("/files/../../etc")).status_code == 404
        assert (await other.delete(f"/files/{stored.id}")).status_code == 405
        assert (await other.get("/files")).status_code == 405
    assert await accesses(connection) == []


async def test_a_file_that_is_gone_is_gone_for_its_own_client_alone(files, connection):
    server, stored = files
    await connection.execute("update files set removed_at = clock_timestamp(), content = null, name = null")
    async with server.client(HIS) as client, server.client(OTHER) as other:
        assert (await client.get(f"/files/{stored.id}")).status_code == 410
        assert (await other.get(f"/files/{stored.id}")).status_code == 404
        assert (await client.get(server.addresses.to_fetch(stored.id))).status_code == 410


def uploaded(name="letter.xml", digest=DIGEST, **more):
    return {
        "params": {"sha256": digest, "name": name, **more},
        "headers": {"Content-Type": "application/xml"},
    }


async def test_an_upload_is_taken_once_and_belongs_to_its_source(served, stores, connection):
    store = stores()
    server = await served(store)
    async with server.client(HIS) as client, server.client(OTHER) as other:
        first = await client.post("/files", content=CONTENT, **uploaded(source="urn:hospital:1"))
        assert first.status_code == 201
        told = first.json()
        assert (told["sha256"], told["size"]) == (DIGEST, len(CONTENT))
        again = await client.post("/files", content=CONTENT, **uploaded(source="urn:hospital:1"))
        assert (again.status_code, again.json()) == (201, told)
        theirs = await other.post("/files", content=CONTENT, **uploaded())  # its only source
        assert theirs.json()["id"] != told["id"]
        assert (await client.get(f"/files/{told['id']}")).content == CONTENT
        assert (await other.get(f"/files/{told['id']}")).status_code == 404
    stored = await store.find(told["id"])
    assert (stored.owner.source, stored.name, stored.media_type) == (
        "urn:hospital:1",
        "letter.xml",
        "application/xml",
    )
    assert datetime.fromisoformat(told["expiresAt"]).astimezone(UTC).date() == stored.expires_at.date()
    assert [one[:2] for one in await accesses(connection)].count(("upload", HIS)) == 2


async def test_the_name_of_an_upload_is_stated_in_a_header(served, stores):
    store = stores()
    server = await served(store)
    request = {"params": {"sha256": DIGEST, "source": "urn:hospital:1", "name": "by-parameter.xml"}}
    named = {"Content-Disposition": "attachment; filename=\"x.xml\"; filename*=UTF-8''%D0%B6.xml"}
    async with server.client(HIS) as client:
        answer = await client.post("/files", content=CONTENT, headers=named, **request)
        assert answer.status_code == 201
        broken = {"Content-Disposition": "attachment; by-header.xml"}
        refused = await client.post("/files", content=CONTENT, headers=broken, **request)
    assert (await store.find(answer.json()["id"])).name == "ж.xml"
    assert refused.status_code == 400
    assert "Correct the header Content-Disposition" in refused.text
    assert "by-header" not in refused.text


async def test_an_upload_by_a_signed_address(served):
    server = await served()
    async with server.client() as client:
        address = server.addresses.to_upload("urn:hospital:1")
        answer = await client.post(f"{address}&sha256={DIGEST}&name=a", content=CONTENT)
        assert answer.status_code == 201
        changed = address.replace("hospital%3A1", "hospital%3A2")
        assert (await client.post(f"{changed}&sha256={DIGEST}", content=CONTENT)).status_code == 403
        assert (
            await client.get(f"/files/{answer.json()['id']}?{address.partition('?')[2]}")
        ).status_code == 403


async def test_uploads_that_are_refused(served, stores, connection):
    server = await served(stores(max_file_bytes=len(CONTENT)))
    async with server.client(HIS) as client:

        async def post(content=CONTENT, **request):
            return await client.post("/files", content=content, **request)

        source = {"source": "urn:hospital:1"}
        assert (await post(CONTENT + b"x", **uploaded(**source))).status_code == 413
        unknown_length = many([CONTENT, b"x"])
        assert (await post(unknown_length, **uploaded(**source))).status_code == 413
        assert (await post(CONTENT[1:], **uploaded(**source))).status_code == 422
        assert (await post(**uploaded(digest="x", **source))).status_code == 400
        assert (await post(**uploaded())).status_code == 400
        assert (await post(**uploaded(source="urn:hospital:2"))).status_code == 403
    assert await connection.fetchval("select count(*) from files") == 0


async def test_too_many_requests_and_too_many_transfers_are_told_to_come_later(served, stores):
    store = stores()
    stored = await store.save(new_file(), chunks_of(CONTENT))
    slow = await served(store, rate=1.0)
    async with slow.client(HIS) as client:
        answers = [await client.get(f"/files/{stored.id}") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 429, 429]
    assert answers[1].headers["retry-after"] == "30"


async def test_a_reader_that_stalls_is_cut_off_and_audited_as_incomplete(served, stores, connection):
    store = stores()
    size = 40 * MEBIBYTE
    stored = await store.save(new_file(), many(bytes(MEBIBYTE) for _ in range(40)))
    server = await served(store, stall=0.5, transfers=1)
    async with (
        server.client(HIS) as client,
        server.client(HIS) as second,
        client.stream("GET", f"/files/{stored.id}") as answer,
    ):
        assert answer.status_code == 200
        busy = await second.get(f"/files/{stored.id}")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "30")
        await asyncio.sleep(1.5)
        with pytest.raises(httpx.TransportError):
            await answer.aread()
    ((act, who, _, sent, complete),) = await accesses(connection)
    assert (act, who, complete) == ("fetch", HIS, False)
    assert 0 < sent < size


async def test_an_unavailable_journal_is_503(served, stores):
    nowhere = JournalSettings(dsn="postgresql://postgres@127.0.0.1:1/nothing", connect_seconds=1)
    server = await served(stores(nowhere))
    async with server.client(HIS) as client:
        for answer in (
            await client.get(f"/files/{new_file().id}"),
            await client.post("/files", content=CONTENT, **uploaded(source="urn:hospital:1")),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_40_mb_up_and_down_add_less_than_20_mb_of_memory(served, stores):
    server = await served(stores())
    piece = os.urandom(MEBIBYTE)
    digest = hashlib.sha256(piece * 40).hexdigest()
    async with server.client(HIS) as client:
        small = uploaded("small", hashlib.sha256(b"x").hexdigest(), source="urn:hospital:1")
        assert (await client.post("/files", content=b"x", **small)).status_code == 201
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = await client.post(
            "/files", content=many([piece] * 40), **uploaded(digest=digest, source="urn:hospital:1")
        )
        assert answer.status_code == 201
        up = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        read = hashlib.sha256()
        async with client.stream("GET", f"/files/{answer.json()['id']}") as fetched:
            async for chunk in fetched.aiter_bytes():
                read.update(chunk)
        down = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read.hexdigest() == digest
    assert up - before < 20 * 1024
    assert down - up < 20 * 1024


async def test_no_log_line_has_a_name_a_path_or_a_signature(files, caplog):
    server, stored = files
    caplog.set_level("DEBUG")
    url = server.addresses.to_fetch(stored.id)
    async with server.client() as client:
        await client.get(url)
    await server.server.stop(1)  # the line comes after the answer
    written = json.dumps(
        [record.__dict__ for record in caplog.records if record.name.startswith("worker")], default=str
    )
    assert "signed address" in written
    assert "signature=" not in written
    assert url.partition("signature=")[2] not in written
    assert "epicrisis" not in written
