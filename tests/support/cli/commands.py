"""Commands of `herald`, run in this process beside a journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from typer.testing import CliRunner

from worker.cli.app import app

Run: TypeAlias = Callable[..., Awaitable["Done"]]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)


def settings_file(directory: Path, dsn: str, kafka: Mapping[str, Any]) -> Path:
    """Write the settings of an operator: the system is never contacted."""
    secret = directory / "dsn"
    secret.write_text(dsn, encoding="utf-8")
    path = directory / "herald.yaml"
    document = {"kafka": kafka, "journal": {"dsn_file": str(secret)}, "systems": {"nhis": {}}}
    path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML too
    return path


def invoked(*arguments: object, variables: Mapping[str, str | None] | None = None, stdin: str = "") -> Done:
    """Run a command. Raises what it raises: a traceback is never its answer."""
    given = {"HERALD_CONFIG": None, "HERALD_OPERATOR": None, "KUBERNETES_SERVICE_HOST": None}
    result = CliRunner().invoke(
        app, list(map(str, arguments)), env=given | dict(variables or {}), input=stdin
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def beside(config: Path) -> Run:
    """Return what runs commands with this configuration, beside a running event loop."""

    async def run(*arguments: object, **options: Any) -> Done:
        return await asyncio.to_thread(invoked, *arguments, "--config", config, **options)

    return run
