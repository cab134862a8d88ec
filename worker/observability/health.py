"""The probes: `/startupz` says that the process is up, `/livez` judges its own progress, `/readyz` whether it is able.

Nothing outside the process belongs in the first two: a restart fixes no outage of Kafka or the database. What
submissions wait for (an open circuit, a stopped intake) is no reason to be not ready: the rollout that brings the fix
would stall. It is told among the warnings, for programs as for people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any, TypeAlias

from aiohttp import web

from contracts.immutable import immutable


class Kind(StrEnum):
    """What a warning is about; alerts may rely on the names."""

    CIRCUIT_OPEN = "circuit-open"
    INTAKE_STOPPED = "intake-stopped"
    DEAD_LETTERS_LIMITED = "dead-letters-limited"
    SET_ASIDE = "set-aside"
    PROBE_FAILING = "probe-failing"
    NO_PARTITION = "no-partition"
    LOST_RECORDS = "lost-records"
    JOURNAL_BEHIND = "journal-behind"
    OPEN_TRANSACTION = "open-transaction"
    ASKING_FAILS = "asking-fails"
    ANSWERS_OVERDUE = "answers-overdue"
    RETENTION = "retention"
    NOMENCLATURES = "nomenclatures"
    NOT_RELOADED = "not-reloaded"
    UNPUBLISHED = "notifications-unpublished"
    LOOKS_FAIL = "looks-fail"
    FILE_STORE = "file-store"
    CHECK_FAILED = "check-failed"


@immutable
class HealthWarning:
    """Something that an operator should know of a worker which is ready, without data.

    ``signer`` and ``source`` say whose submissions wait, where it is not all of the system's.
    """

    kind: Kind
    system: str
    reason: str
    signer: str | None = None
    source: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return the fields that are set, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


Warn: TypeAlias = Callable[[], Iterable[HealthWarning]]
"""Returns what there is to warn of at present."""
Check: TypeAlias = Callable[[], str | None]
"""Returns None where all is well, else what is wrong, in a few words and without data."""

Page: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""Answers a request for something else than a probe."""


class HealthProbes:
    """A small HTTP server for the two probes. Port 0 takes a free one; `address` has it after `start`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._liveness: dict[str, Check] = {}
        self._readiness: dict[str, Check] = {}
        self._warnings: dict[str, Warn] = {}
        self._pages: dict[str, Page] = {}
        self._runner: web.AppRunner | None = None

    def add_liveness(self, name: str, check: Check) -> None:
        """Let `check` decide, with the others, whether the process should be restarted."""
        self._liveness[name] = check

    def add_readiness(self, name: str, check: Check) -> None:
        """Let `check` name something without which the worker is not able to work."""
        self._readiness[name] = check

    def add_warnings(self, system: str, warn: Warn) -> None:
        """Let `warn` report problems of a system to an operator; a worker that is ready stays ready."""
        self._warnings[system] = warn

    def add_page(self, path: str, answer: Page) -> None:
        """Serve a page beside the probes; before `start`."""
        self._pages[path] = answer

    @property
    def is_ready(self) -> bool:
        """Whether nothing is waited for."""
        return not _wrong(self._readiness)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens. Raises RuntimeError before `start`."""
        if self._runner is None:
            raise RuntimeError("the probes are not being served")
        host, port, *_ = self._runner.addresses[0]
        return host, port

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        app = web.Application()
        app.router.add_get("/startupz", self._startupz)
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        for path, answer in self._pages.items():
            app.router.add_get(path, answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _startupz(self, _: web.Request) -> web.Response:
        """Answer 200: the process is up as soon as it listens. What it then waits for is no matter of a restart."""
        return web.json_response({"status": "started", "waiting_for": _wrong(self._readiness)})

    async def _livez(self, _: web.Request) -> web.Response:
        wrong = _wrong(self._liveness)
        return _answer("failing" if wrong else "alive", "wrong", wrong)

    async def _readyz(self, _: web.Request) -> web.Response:
        wrong = _wrong(self._readiness)
        warnings = [one.shown() for system, warn in self._warnings.items() for one in _warned(system, warn)]
        return _answer("waiting" if wrong else "ready", "waiting_for", wrong, warnings)


def _answer(
    status: str, name: str, wrong: Mapping[str, str], warnings: list[dict[str, Any]] | None = None
) -> web.Response:
    said = {"status": status, name: wrong} | ({"warnings": warnings} if warnings else {})
    return web.json_response(said, status=503 if wrong else 200)


def _wrong(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {name: _run(check) for name, check in checks.items()}
    return {name: wrong for name, wrong in found.items() if wrong is not None}


def _run(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a probe that breaks must say so, not answer 500 without a word
        return _failed(error)


def _warned(system: str, warn: Warn) -> list[HealthWarning]:
    try:
        return list(warn())
    except Exception as error:  # noqa: BLE001 - as above
        return [HealthWarning(Kind.CHECK_FAILED, system, _failed(error))]


def _failed(error: Exception) -> str:
    return f"the check itself failed ({type(error).__name__})"
