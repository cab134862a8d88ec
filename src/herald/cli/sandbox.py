"""`herald sandbox`: stand-ins for the national systems, as processes of their own."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herald.sandbox.pki import Pki

if TYPE_CHECKING:
    from herald.sandbox.nhis.server import Sandbox

app = typer.Typer(no_args_is_help=True, help="Stand-ins for the national systems, with faults on request.")

_WRONG_USE = 2


@app.callback()
def _sandbox() -> None:
    """Keep `nhis` a command of its own while it is the only one."""


@app.command()
def nhis(
    *,
    directory: Annotated[Path, typer.Option("--dir", help="Where the test certificates are, or shall be.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on; the control has no password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8443,
    init: Annotated[
        bool, typer.Option("--init", help="Make new certificates even if there are some.")
    ] = False,
    token_seconds: Annotated[float, typer.Option(min=0.001, help="Lifetime of a token.")] = 7200.0,
    schemas: Annotated[
        Path | None, typer.Option(help="Directory of NHIS-<TYPE>.xsd; the bundled ones if not given.")
    ] = None,
    signers: Annotated[
        Path | None,
        typer.Option(help="JSON list of {name, uin, certificate}; the directory's own if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of NRNs and of faults by probability.")] = 0,
) -> None:
    """Run the NHIS sandbox; one line of JSON on stdout says that it listens, and where."""
    options: dict[str, Any] = {"host": host, "port": port, "token_seconds": token_seconds, "seed": seed}
    if schemas is not None:
        options["schemas"] = schemas
    try:
        if init or not Pki.exists(directory):
            _tell_made(Pki.create(directory))
        asyncio.run(_serve(_sandbox_type()(directory, signers_file=signers, **options)))
    except (ImportError, OSError, ValueError, KeyError) as error:
        typer.echo(f"The sandbox cannot start: {error}", err=True)
        raise typer.Exit(_WRONG_USE) from error


def _sandbox_type() -> type[Sandbox]:
    # Its libraries come with the extra `demo`; the other commands must load without them.
    try:
        from herald.sandbox.nhis.server import Sandbox  # noqa: PLC0415 - as said above
    except ModuleNotFoundError as error:
        raise ImportError(f"{error}; install herald-worker[demo]") from error
    return Sandbox


async def _serve(sandbox: Sandbox) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with sandbox:
        typer.echo(json.dumps(sandbox.ready()))
        await stop.wait()


def _tell_made(pki: Pki) -> None:
    typer.echo(f"Made a test authority and a server certificate: {pki.ca_file}", err=True)
    for item in pki.signers:
        typer.echo(f"Made signer {item.name}, UIN {item.uin}: {item.pkcs12_file}", err=True)
    typer.echo(f"Made a signer that is not trusted, for negative tests: {pki.outsider.pkcs12_file}", err=True)
