"""`herald sandbox`: stand-ins for the national systems, as processes of their own."""

from __future__ import annotations

import asyncio
import importlib
import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sandbox.pki import Pki

if TYPE_CHECKING:
    from sandbox.server import SandboxServer

app = typer.Typer(no_args_is_help=True, help="Stand-ins for the national systems, with faults on request.")

_WRONG_USE = 2

Directory = Annotated[Path, typer.Option("--dir", help="Where the test certificates are, or shall be.")]
Host = Annotated[str, typer.Option(help="Address to listen on; the control has no password.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
Init = Annotated[bool, typer.Option("--init", help="Make new certificates even if there are some.")]
TokenSeconds = Annotated[float, typer.Option(min=0.001, help="Lifetime of a token.")]
Seed = Annotated[int, typer.Option(help="Seed of record numbers and of faults by probability.")]
LOOPBACK = "127.0.0.1"


@app.command()
def nhis(
    *,
    directory: Directory,
    host: Host = LOOPBACK,
    port: Port = 8443,
    init: Init = False,
    token_seconds: TokenSeconds = 7200.0,
    schemas: Annotated[
        Path | None, typer.Option(help="Directory of NHIS-<TYPE>.xsd; the bundled ones if not given.")
    ] = None,
    signers: Annotated[
        Path | None,
        typer.Option(help="JSON list of {name, uin, certificate}; the directory's own if not given."),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Run the NHIS sandbox; one line of JSON on stdout says that it listens, and where."""
    options: dict[str, Any] = {"token_seconds": token_seconds, "signers_file": signers}
    if schemas is not None:
        options["schemas"] = schemas
    _run("nhis", directory, init=init, host=host, port=port, seed=seed, **options)


@app.command()
def nhif(
    *,
    directory: Directory,
    host: Host = LOOPBACK,
    port: Port = 8444,
    init: Init = False,
    seed: Seed = 0,
) -> None:
    """Run the sandbox of NHIF's REST API; one line of JSON on stdout says that it listens, and where."""
    _run("nhif", directory, init=init, host=host, port=port, seed=seed)


@app.command()
def erx(
    *,
    directory: Directory,
    host: Host = LOOPBACK,
    port: Port = 8445,
    init: Init = False,
    profile: Annotated[
        str, typer.Option(help="Which text of the document to keep to: 2020-06 or 2020-09.")
    ] = "2020-06",
    token_seconds: TokenSeconds = 3600.0,
    seed: Seed = 0,
) -> None:
    """Run the sandbox of the eRx register; one line of JSON on stdout says that it listens, and where."""
    options: dict[str, Any] = {"profile": profile, "token_seconds": token_seconds}
    _run("erx", directory, init=init, host=host, port=port, seed=seed, **options)


@app.command("kz-shep")
def kz_shep(
    *,
    directory: Directory,
    host: Host = LOOPBACK,
    port: Port = 8446,
    init: Init = False,
    seed: Seed = 0,
) -> None:
    """Run the sandbox of Kazakhstan's SHEP; one line of JSON on stdout says that it listens, and where."""
    _run("kz_shep", directory, init=init, host=host, port=port, seed=seed)


def _run(system: str, directory: Path, *, init: bool, **options: Any) -> None:
    """Serve until told to stop; a system's sandbox is the class `Sandbox` of its package's `server`."""
    try:
        if init or not Pki.exists(directory):
            _tell_made(Pki.create(directory))
        asyncio.run(_serve(_sandbox_type(system)(directory, **options)))
    except (ImportError, OSError, ValueError, KeyError) as error:
        typer.echo(f"The sandbox cannot start: {error}", err=True)
        raise typer.Exit(_WRONG_USE) from error


def _sandbox_type(system: str) -> Any:
    # Its libraries come with the extra `demo`; the other commands must load without them.
    try:
        return importlib.import_module(f"sandbox.{system}.server").Sandbox
    except ModuleNotFoundError as error:
        raise ImportError(f"{error}; install herald-worker[demo]") from error


async def _serve(sandbox: SandboxServer) -> None:
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
