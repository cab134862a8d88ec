"""Files that are sent and saved piece by piece: what gives them, what takes them, and the peers at the other end."""

from __future__ import annotations

import hashlib
import time

from worker.transport.port import Sink, Streamed

PIECE = bytes(range(256)) * 1024


def streamed(*pieces, size=None):
    async def chunks():
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    return Streamed(sum(map(len, pieces)) if size is None else size, chunks)


class Kept:
    """A sink that keeps the digest alone, and may fail."""

    def __init__(self, fails=None, **limit):
        self.digest = hashlib.sha256()
        self.size = 0
        self.largest = 0
        self.fails = fails
        self.raised = None
        self.sink = Sink(self.write, **limit)

    async def write(self, chunks):
        try:
            async for piece in chunks:
                self._fail()
                self.digest.update(piece)
                self.size += len(piece)
                self.largest = max(self.largest, len(piece))
        except Exception as error:
            self.raised = error
            raise

    def _fail(self):
        if self.fails is not None:
            raise self.fails


class Receiver:
    """A script that counts what it is sent, without keeping it."""

    def __init__(self, *, pause=0.0, answers=b"<ok/>"):
        self.head = b""
        self.digest = hashlib.sha256()
        self.size = 0
        self.pause = pause
        self.answers = answers

    def __call__(self, connection):
        while data := connection.read_head():
            self.head, _, body = data.partition(b"\r\n\r\n")
            length = int(self.head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.digest, self.size = hashlib.sha256(body), len(body)
            while self.size < length:
                time.sleep(self.pause)
                more = connection.sock.recv(65536)
                if not more:
                    return
                self.size += len(more)
                self.digest.update(more)
            connection.answer(self.answers)


def sends(count, *, length=None, pause=0.0, piece=PIECE, headers=(), status="200 OK"):
    """Make a script that answers with so many pieces."""

    def script(connection):
        while connection.read_request():
            length_told = len(piece) * count if length is None else length
            head = [f"HTTP/1.1 {status}", f"Content-Length: {length_told}", *headers]
            connection.sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
            for _ in range(count):
                connection.sock.sendall(piece)
                time.sleep(pause)
            if length_told > len(piece) * count:
                return

    return script
