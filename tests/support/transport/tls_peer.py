"""A TLS server that does what a test's script says, to the byte, in threads of its own.

Blocking sockets and not asyncio: a script reads in the order of the bytes on the connection, and runs outside the
event loop under test.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.support.signing.certificates import Issued

PATIENCE = 20.0


class Peer:
    """Listens on 127.0.0.1. ``requests`` has every request that was read whole; ``connections`` counts accepts;
    ``arrived`` is set with the first request, ``stopping`` when the test is over."""

    def __init__(self, script: Callable[[Connection], None], context: ssl.SSLContext | None) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Small, so that a request of some size does not fit into what the kernel takes for a script that reads nothing.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        self.port = self._listener.getsockname()[1]
        self.stopping = threading.Event()
        self.arrived = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(PATIENCE)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            plain.settimeout(PATIENCE)
            self._open.append(plain)
            thread = threading.Thread(target=self._serve, args=(plain,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        # An error that the client causes on the connection is for the test of the client to judge.
        with contextlib.suppress(OSError), plain:
            if self._context is None:
                self.script(Connection(self, plain))
                return
            with self._context.wrap_socket(plain, server_side=True) as tls:
                self._open.append(tls)
                self.script(Connection(self, tls))


class Connection:
    """One accepted connection, as scripts use it."""

    def __init__(self, peer: Peer, sock: socket.socket) -> None:
        self.peer = peer
        self.sock = sock

    def read_head(self) -> bytes:
        """Read to the end of the headers; b"" where the client closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := self.sock.recv(65536)):
                return b""
            data += more
        return data

    def read_request(self) -> bytes:
        """Read one whole request and count it; b"" where the client closed."""
        data = self.read_head()
        if not data:
            return b""
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length:
            body += self.sock.recv(65536)
        request = head + b"\r\n\r\n" + body
        self.peer.requests.append(request)
        self.peer.arrived.set()
        return request

    def answer(
        self, body: bytes = b"<ok/>", *, status: str = "200 OK", headers: tuple[str, ...] = ()
    ) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def wait_for_bytes(self) -> None:
        """Wait until the client has sent something, and do not read it."""
        select.select([self.sock], [], [], PATIENCE)

    def wait_for_close(self) -> None:
        """Read and forget until the client closes."""
        while self.sock.recv(65536):
            pass

    def reset(self) -> None:
        """Close with RST, not FIN, and without TLS's goodbye."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket(fileno=self.sock.detach()).close()


def server_context(server: Issued, *, client_authority: Issued | None = None) -> ssl.SSLContext:
    """A server's context; with `client_authority` it demands a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(server.pem() + server.key_pem())
        context.load_cert_chain(file)
    if client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_authority.pem().decode())
    return context
