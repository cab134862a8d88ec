"""A cheap stand-in of NHIS over TLS, as a process of its own: constant answers, so that it is not what is measured.

Run `python -m tests.bench.contest.upstream DIRECTORY LATENCY_MS ANSWER_BYTES`, where `sandbox.pki.Pki` has put the
certificates. It prints its port. A token costs a challenge as at NHIS; a search finds as many immunizations as so many
bytes hold; every other POST is a registration, answered by an I002 that repeats the message's id and LRN. It verifies
nothing: the sandbox and the tests do that.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from pathlib import Path
from typing import cast

import uvloop

from sandbox.pki import Pki

END_OF_HEAD = b"\r\n\r\n"
HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
MESSAGE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<nhis:message xmlns:nhis="https://www.his.bg">%b</nhis:message>'
)
CHALLENGE = MESSAGE % b'<nhis:contents><nhis:challenge value="a-challenge-of-the-benchmark"/></nhis:contents>'
TOKEN = MESSAGE % (
    b'<nhis:contents><nhis:accessToken value="a-token-of-the-benchmark"/><nhis:tokenType value="bearer"/>'
    b'<nhis:expiresIn value="86400"/></nhis:contents>'
)
ANSWERED = MESSAGE % (
    b'<nhis:header><nhis:sender value="4"/><nhis:senderId value="NHIS"/><nhis:recipient value="1"/>'
    b'<nhis:recipientId value="2300000011"/><nhis:messageId value="%b"/><nhis:messageType value="%b"/>'
    b'<nhis:createdOn value="2026-12-01T08:00:00.000Z"/></nhis:header><nhis:contents>%b</nhis:contents>'
)
REGISTERED = b'<nhis:nrnImmunization value="26335A0B1C2D"/><nhis:lrn value="%b"/><nhis:status value="1"/>'
SEARCH_PATH = b"/v1/eimmunization/immunization/fetch"
FOUND = (
    b'<nhis:results><nhis:immunization><nhis:nrnImmunization value="26335A0B1C2D"/><nhis:status value="1"/>'
    b'<nhis:lrn value="5d4b8d8e-3b3e-4a65-8f5a-3a6b1a3f1c11"/><nhis:occurrence value="2026-12-01"/>'
    b'<nhis:targetDisease value="Z25.1"/><nhis:vaccineCode value="16568"/><nhis:primarySource value="true"/>'
    b'<nhis:seriesDoses value="1"/><nhis:doseNumber value="1"/><nhis:lotNumber value="U3J71V-2026"/>'
    b'<nhis:expirationDate value="2030-06-30"/><nhis:site value="1"/><nhis:route value="IM"/></nhis:immunization>'
    b'<nhis:performer><nhis:pmi value="2300000011"/><nhis:qualification value="1043" nhifCode="00"/>'
    b'<nhis:practiceNumber value="2201000001"/><nhis:role value="1"/></nhis:performer></nhis:results>'
)


def http(status: bytes, body: bytes) -> bytes:
    """Return an answer as it is sent."""
    return HEAD % (status, len(body)) + body


ASKED, GRANTED, PROBED = http(b"401 Unauthorized", CHALLENGE), http(b"200 OK", TOKEN), http(b"200 OK", b"")


def value_of(name: bytes, message: bytes) -> bytes:
    """Return the value of the first element of this name, or nothing."""
    begin = message.find(b"%b value=" % name)
    if begin < 0:
        return b""
    begin += len(name) + len(b" value=") + 1
    return message[begin : message.index(message[begin - 1], begin)]


def found(size: int) -> bytes:
    """Return the contents of an I004 of about so many bytes."""
    number = max(1, size // len(FOUND))
    return b'<nhis:foundNumber value="%d"/>' % number + FOUND * number


def answer(head: bytes, body: bytes, shown: bytes = b"") -> bytes:
    """Return the answer to one request; ``shown`` is what a search finds."""
    method, path, _ = head.split(b" ", 2)
    if path == b"/token":
        return ASKED if method == b"GET" else GRANTED
    if method != b"POST":
        return PROBED
    searches = path == SEARCH_PATH
    contents = shown if searches else REGISTERED % value_of(b"lrn", body)
    kind = b"I004" if searches else b"I002"
    return http(b"200 OK", ANSWERED % (value_of(b"messageId", body), kind, contents))


def content_length(head: bytes) -> int:
    """Return the length that the head of a request states, or 0."""
    begin = head.lower().find(b"\r\ncontent-length:")
    return int(head[begin + 17 :].split(b"\r\n", 1)[0]) if begin >= 0 else 0


class Connection(asyncio.Protocol):
    """One client's connection; its requests come one after the other."""

    def __init__(self, latency: float, shown: bytes) -> None:
        self._latency = latency
        self._shown = shown
        self._read = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(END_OF_HEAD)
        if end < 0:
            return
        head, begin = self._read[:end], end + len(END_OF_HEAD)
        length = content_length(head)
        if len(self._read) < begin + length:
            return
        body, self._read = self._read[begin : begin + length], self._read[begin + length :]
        self._send(answer(head, body, self._shown))

    def _send(self, made: bytes) -> None:
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, made)
        else:
            self._transport.write(made)


async def serve(directory: Path, latency: float, size: int) -> None:
    """Listen until SIGTERM."""
    pki = Pki.load(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server_certificate_file, pki.server_key_file)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    shown = found(size)
    server = await loop.create_server(
        lambda: Connection(latency, shown), "127.0.0.1", 0, ssl=context, backlog=1000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()


def main() -> None:
    """Serve."""
    directory, latency_ms, size = sys.argv[1:]
    uvloop.run(serve(Path(directory), float(latency_ms) / 1000, int(size)))


if __name__ == "__main__":
    main()
