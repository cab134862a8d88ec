"""A real S3-compatible server (versitygw over a folder) with TLS, for the tests of the file store.

It is built by Go once, and shared by all checkouts. Where there is no Go the tests skip, which they may not in CI.
"""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.authority import Authority
from tests.support.files import install
from tests.support.kafka.cluster import free_ports

ACCESS, SECRET, BUCKET = "herald-access", "an-invented-secret-key", "herald-files"


@dataclass
class S3Server:
    """The server, its folder, and the files that the settings name."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def objects(self) -> list[Path]:
        """The objects in the bucket."""
        found = (self.directory / "data" / BUCKET).rglob("*")
        return [one for one in found if one.is_file() and ".sgwtmp" not in one.parts]

    def section(self, **changes: Any) -> dict[str, Any]:
        """Return the section `files` for this server."""
        s3 = {
            "endpoint": f"https://127.0.0.1:{self.port}",
            "bucket": BUCKET,
            "access_key_id_file": str(self.directory / "access"),
            "secret_access_key_file": str(self.directory / "secret"),
            "ca_file": str(self.directory / "ca.pem"),
            "connect_seconds": 1,
            "request_seconds": 5,
            "retry_seconds": 0.5,
        }
        return {"backend": "s3", "s3": s3 | changes}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            install.s3_program(),
            *("--port", f"127.0.0.1:{self.port}", "--access", ACCESS, "--secret", SECRET, "--quiet"),
            *("--cert", str(self.directory / "server.pem"), "--key", str(self.directory / "server.key")),
            *("posix", str(self.directory / "data")),
        ]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 15
        while not _listens(self.port):
            if time.monotonic() > until or self.process.poll() is not None:
                raise AssertionError((self.directory / "log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """Kill it; what it has stored stays."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def prepare(directory: Path) -> S3Server:
    """Write certificates and keys, and make the bucket: a folder."""
    authority = Authority.create("Invented authority of the storage")
    issued = authority.issue_server()
    (directory / "server.pem").write_bytes(issued.certificate_pem())
    (directory / "server.key").write_bytes(issued.key_pem())
    (directory / "ca.pem").write_bytes(authority.pem())
    (directory / "access").write_text(f"{ACCESS}\n")
    (directory / "secret").write_text(f"{SECRET}\n")
    (directory / "data" / BUCKET).mkdir(parents=True)
    return S3Server(directory, free_ports(1)[0])


@pytest.fixture(scope="session")
def s3_program() -> str:
    """The server's program, built where it is missing."""
    try:
        return install.s3_program()
    except install.NoGoError as why:
        pytest.skip(str(why))


@pytest.fixture
def s3(s3_program: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A running server with an empty bucket."""
    server = prepare(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()
