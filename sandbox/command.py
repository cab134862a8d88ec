"""`herald sandbox`: stand-ins for the national systems, as processes of their own; a command for each entry."""

from __future__ import annotations

import asyncio
import json
import signal
from functools import partial
from inspect import Signature
from typing import TYPE_CHECKING, Any

import typer

from sandbox import options
from sandbox.pki import Pki
from sandbox.registry import SANDBOXES, SIGNING_PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.registry import Entry
    from sandbox.server import SandboxServer

app = typer.Typer(no_args_is_help=True, help="Run sandboxes of the national systems, with faults on request.")

_WRONG_USE = 2


def _command(entry: Entry) -> Callable[..., None]:
    """Return the function that typer makes the entry's command of: it reads the signature and the docstring."""

    def run(directory: Path, *, init: bool, server_names: list[str] | None, **given: Any) -> None:
        settings = {name: one for name, one in given.items() if one is not None}
        _run(entry, directory, tuple(server_names or ()), init=init, **settings)

    common = options.DIRECTORY, options.HOST, options.port(entry.port), options.SERVER_NAMES, options.INIT
    run.__doc__ = f"Run {entry.title}; one line of JSON on stdout states its address when it listens."
    run.__annotations__ = {}
    run.__dict__["__signature__"] = Signature((*common, *entry.options, options.SEED))
    return run


def _run(entry: Entry, directory: Path, server_names: tuple[str, ...], *, init: bool, **given: Any) -> None:
    """Serve until asked to stop."""
    try:
        if init or not Pki.exists(directory):
            _tell_made(Pki.create(directory, server_names=server_names))
        _refuse_unknown(Pki.load(directory), server_names)
        asyncio.run(_serve(partial(_sandbox_type(entry), directory, **given)))
    except (ImportError, OSError, ValueError, KeyError) as error:
        typer.echo(f"The sandbox cannot start: {error}", err=True)
        raise typer.Exit(_WRONG_USE) from error


def _refuse_unknown(pki: Pki, names: tuple[str, ...]) -> None:
    """Raise ValueError where the certificate, made at an earlier start, lacks a name: clients would refuse it."""
    if unknown := [name for name in names if name not in pki.server_names()]:
        raise ValueError(
            f"{pki.server_certificate_file} is not for {', '.join(unknown)}; --init creates new certificates"
        )


def _sandbox_type(entry: Entry) -> Callable[..., SandboxServer]:
    # Its libraries come with the extra `demo`; the other commands must load without them.
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        raise ImportError(f"{error}; install herald-worker[demo]") from error


async def _serve(make_sandbox: Callable[[], SandboxServer]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Before the sandbox is made: it may have files of its own from then on, which only its end deletes.
    for name in _ending():
        loop.add_signal_handler(name, stop.set)
    async with make_sandbox() as sandbox:
        typer.echo(json.dumps(sandbox.ready()))
        await stop.wait()


def _ending() -> list[int]:
    """Return the signals that end a sandbox: a hung-up terminal too, unless it runs under nohup."""
    under_nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *(() if under_nohup else (signal.SIGHUP,))]


def _tell_made(pki: Pki) -> None:
    typer.echo(f"Made a test authority and a server certificate: {pki.ca_file}", err=True)
    for item in pki.signers:
        typer.echo(f"Made signer {item.name}, UIN {item.uin}: {item.pkcs12_file}", err=True)
    typer.echo(f"Made a signer that is not trusted, for negative tests: {pki.outsider.pkcs12_file}", err=True)


for _entry in (*SANDBOXES, *SIGNING_PROVIDERS):
    app.command(_entry.system)(_command(_entry))
