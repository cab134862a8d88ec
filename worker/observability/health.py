"""The probes: `/livez` judges this process's own progress, `/readyz` says what the worker waits for.

Nothing outside the process belongs in liveness: a restart fixes no outage of Kafka or the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from aiohttp import web

Check: TypeAlias = Callable[[], str | None]
"""Returns None where all is well, else what is wrong, in a few words and without data."""


class HealthProbes:
    """A small HTTP server for the two probes. Port 0 takes a free one; `address` has it after `start`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._liveness: dict[str, Check] = {}
        self._readiness: dict[str, Check] = {}
        self._warnings: dict[str, Check] = {}
        self._runner: web.AppRunner | None = None

    def add_liveness(self, name: str, check: Check) -> None:
        """Let `check` decide, with the others, whether the process should be restarted."""
        self._liveness[name] = check

    def add_readiness(self, name: str, check: Check) -> None:
        """Let `check` name something that the worker waits for."""
        self._readiness[name] = check

    def add_warning(self, name: str, check: Check) -> None:
        """Let `check` tell of something that an operator should know; a worker that is ready stays ready."""
        self._warnings[name] = check

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
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
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

    async def _livez(self, _: web.Request) -> web.Response:
        wrong = _wrong(self._liveness)
        return _answer("failing" if wrong else "alive", "wrong", wrong)

    async def _readyz(self, _: web.Request) -> web.Response:
        wrong, warnings = _wrong(self._readiness), _wrong(self._warnings)
        return _answer("waiting" if wrong else "ready", "waiting_for", wrong, warnings)


def _answer(
    status: str, name: str, wrong: Mapping[str, str], warnings: Mapping[str, str] | None = None
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
        return f"the check itself failed ({type(error).__name__})"
