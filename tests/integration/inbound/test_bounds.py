"""What a receiver takes, and what it does not: connections and requests are bounded, and answers say nothing more."""

from __future__ import annotations

import asyncio
import json
import ssl
import time

import pytest

from sandbox.authority import Authority
from tests.support.inbound.installation import SECRET, authority_pem, call, receiving, url_of
from tests.support.inbound.invented import NAME, body_of, signed
from tests.support.worker.installation import eventually

PATH = f"/{NAME}/{SECRET}/status"
BODY = body_of(17)


async def _raw(settings, data, *, seconds=10.0, tls=None):
    """Send bytes; return all that comes until the receiver closes, and after how many seconds that was."""
    port = settings["receiver"]["port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    began = time.monotonic()
    try:
        writer.write(data)
        async with asyncio.timeout(seconds):
            answer = await reader.read()
    except ConnectionResetError:
        answer = b""
    finally:
        writer.close()
    return answer, time.monotonic() - began


def _head(method="POST", path=PATH, **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: h", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


PLAIN = {"tls": None, "read_seconds": 1.0, "max_body_bytes": 4096, "answer_seconds": 5}
CLOSE = {"Connection": "close"}


async def test_requests_that_are_out_of_bounds(installation):
    async with receiving(installation, **PLAIN) as (settings, _):
        cases = {
            "unknown system": (_head(path=f"/other/{SECRET}", **CLOSE), 404),
            "wrong secret": (_head(path=f"/{NAME}/{'t' * 40}", **CLOSE), 404),
            "no path": (_head(path="/", **CLOSE), 404),
            "long line": (_head(path=PATH + "x" * 3000), 400),
            "long header": (_head(**{"X-Long": "x" * 9000}), 400),
            "many headers": (_head(**{f"X-{number}": "1" for number in range(100)}), 400),
            "no HTTP": (b"\x16\x03\x01 no http\r\n\r\n", 400),
            "two lengths": (_head(**{"Content-Length": "1", "content-length": "2"}) + b"xx", 400),
            "a large body is announced": (_head(**{"Content-Length": "5000"}), 413),
            "a large body comes in chunks": (
                _head(**{"Transfer-Encoding": "chunked"}) + b"1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n",
                413,
            ),
            "broken chunks": (_head(**{"Transfer-Encoding": "chunked"}) + b"zz\r\n", 400),
            "unsigned": (_head(**{"Content-Length": "2", **CLOSE}) + b"{}", 401),
            "GET": (_head("GET", **CLOSE), 405),
            "another path": (_head(path=f"/{NAME}/{SECRET}/other", **CLOSE), 404),
        }
        found = {}
        for name, (data, _wanted) in cases.items():
            answer, _ = await _raw(settings, data)
            found[name] = _status(answer)
            assert b"Traceback" not in answer
            assert SECRET.encode() not in answer
        assert found == {name: wanted for name, (_, wanted) in cases.items()}
        unknown, _ = await _raw(settings, cases["unknown system"][0])
        wrong, _ = await _raw(settings, cases["wrong secret"][0])
        assert _without_date(unknown) == _without_date(wrong)
    assert SECRET not in installation.logs()
    assert await installation.records() == []


def _without_date(answer):
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"Date:")]


async def test_slow_callers_lose_their_connection_and_keep_nobody_else(installation):
    async with receiving(installation, **PLAIN, max_connections_per_peer=30) as (settings, client):
        slow = [
            b"",
            b"POST ",
            _head(**{"Content-Length": "100"})[:-4],
            _head(**{"Content-Length": "100"}) + b"x",
        ]
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(_raw(settings, slow[number % 4])) for number in range(20)]
            await asyncio.sleep(0.3)
            assert await call(client, url_of(settings), BODY) == 200
        for number, task in enumerate(waiting):
            answer, seconds = task.result()
            assert 0.5 < seconds < 5
            assert _status(answer) == (408 if number % 4 == 3 else 0)


async def test_a_drip_of_bytes_does_not_extend_the_time(installation):
    async with receiving(installation, **PLAIN) as (settings, _):
        _, writer = await asyncio.open_connection("127.0.0.1", settings["receiver"]["port"])
        began = time.monotonic()
        try:
            for byte in _head(**{"Content-Length": "9"}) * 5:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
            pytest.fail("it waited for the whole head")
        except ConnectionError:
            pass
        assert time.monotonic() - began < 6
        writer.close()


async def test_connections_are_bounded(installation):
    async with receiving(installation, **PLAIN, max_connections_per_peer=5) as (settings, _):
        port = settings["receiver"]["port"]
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        await asyncio.sleep(0.1)
        answer, seconds = await _raw(settings, _head("GET", **CLOSE))
        assert (answer, seconds < 0.9) == (b"", True)
        for _, writer in held:
            writer.close()
        await eventually(
            lambda: _raw(settings, _head("GET", **CLOSE)), lambda found: _status(found[0]) == 405, 5
        )


async def test_rates_are_bounded_by_address_and_by_route(installation):
    routes = {NAME: {"secret_file": str(installation.directory / "secret"), "requests_per_second": 2}}
    trusted = {"trusted_proxies": ["127.0.0.0/8"], "requests_per_second_per_peer": 4}
    async with receiving(installation, **PLAIN, **trusted, routes=routes) as (settings, client):

        async def ask(path, peer):
            url = url_of(settings, path)
            return await client.get(url, headers={"X-Forwarded-For": f"6.6.6.6, {peer}"})

        guesses = [await ask(f"/{NAME}/guess", "198.51.100.1") for _ in range(8)]
        assert [one.status_code for one in guesses].count(404) in range(4, 7)
        assert guesses[-1].headers["retry-after"] == "30"
        # Another caller of the same proxy is not concerned; its route has a rate of its own.
        calls = [await ask(PATH, f"198.51.100.{number}") for number in range(2, 10)]
        assert [one.status_code for one in calls][:2] == [405, 405]
        assert calls[-1].status_code == 429
        assert calls[-1].json() == {"success": False, "status": 429}


async def test_a_body_that_is_announced_with_expect_is_asked_for(installation):
    async with receiving(installation, **PLAIN) as (settings, _):
        headers = {"Content-Length": str(len(BODY)), "Expect": "100-continue", **signed(BODY), **CLOSE}
        reader, writer = await asyncio.open_connection("127.0.0.1", settings["receiver"]["port"])
        writer.write(_head(**headers))
        async with asyncio.timeout(5):
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(BODY)
            answer = await reader.read()
        writer.close()
        assert (_status(answer), answer.endswith(b'{"success":true}')) == (200, True)


async def test_tls_certificate_and_secrets_are_renewed_without_a_restart(installation):
    async with receiving(installation) as (settings, client):
        assert await call(client, url_of(settings), BODY) == 200
        new = Authority.create("Another invented authority")
        installation.renew(new)
        (installation.directory / "ca.pem").write_bytes(authority_pem(new))
        (installation.directory / "secret").write_text(f"{SECRET}\n{'n' * 40}\n")

        async def with_new_trust(path=f"/{NAME}/{'n' * 40}/status"):
            async with installation.client() as other:
                return await call(other, url_of(settings, path), BODY)

        await eventually(with_new_trust, lambda status: status == 200)
        assert await with_new_trust(PATH) == 200
        (installation.directory / "secret").write_text(f"{'n' * 40}\n")
        await eventually(lambda: with_new_trust(PATH), lambda status: status == 404)
        (installation.directory / "key.pem").write_text("broken")
        (installation.directory / "secret").write_text("short")
        health = f"http://127.0.0.1:{settings['health']['port']}/readyz"
        async with installation.client() as other:
            told = await eventually(
                lambda: other.get(health), lambda found: len(found.json().get("warnings", [])) == 2
            )
        assert {one["kind"] for one in told.json()["warnings"]} == {"not-reloaded"}
        assert await with_new_trust() == 200


async def test_old_tls_is_refused(installation):
    context = ssl.create_default_context(cafile=installation.directory / "ca.pem")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with receiving(installation) as (settings, _):
        with pytest.raises(ssl.SSLError):
            await _raw(settings, _head(), tls=context)


async def test_what_it_counts_is_shown(installation):
    async with receiving(installation) as (settings, client):
        for _ in range(2):
            assert await call(client, url_of(settings), BODY) == 200
        await call(client, url_of(settings), body_of(17, "canceled"))
        await call(client, url_of(settings), BODY, **signed(b"other"))
        await client.get(url_of(settings, "/other"))
        text = (await client.get(f"http://127.0.0.1:{settings['health']['port']}/metrics")).text
    for line in (
        f'herald_receiver_calls_total{{status="200",system="{NAME}"}} 3.0',
        f'herald_receiver_calls_total{{status="401",system="{NAME}"}} 1.0',
        'herald_receiver_calls_total{status="404",system="other"} 1.0',
        f'herald_notifications_total{{outcome="new",system="{NAME}"}} 1.0',
        f'herald_notifications_total{{outcome="repeated",system="{NAME}"}} 1.0',
        f'herald_notifications_total{{outcome="conflicting",system="{NAME}"}} 1.0',
        f'herald_notifications_unpublished{{system="{NAME}"}} 0.0',
        "herald_ready 1.0",
    ):
        assert line in text, line
    (record,) = await installation.records()
    assert json.loads(record.value)["status"] == "paid"
