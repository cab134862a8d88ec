"""The options of `herald sandbox`: those that every sandbox has, and those of some systems."""

from __future__ import annotations

from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

LOOPBACK = "127.0.0.1"


def option(name: str, annotation: Any, *, default: Any = Parameter.empty) -> Parameter:
    """Return an option; without a default it must be given. A sandbox takes its value as the argument ``name``."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


DIRECTORY = option(
    "directory",
    Annotated[
        Path, typer.Option("--dir", help="The folder of the test certificates; created at the first start.")
    ],
)
HOST = option(
    "host",
    Annotated[str, typer.Option(help="Address to listen on; the control has no password.")],
    default=LOOPBACK,
)
INIT = option(
    "init",
    Annotated[bool, typer.Option("--init", help="Create new certificates even if some exist.")],
    default=False,
)
SERVER_NAMES = option(
    "server_names",
    Annotated[
        list[str] | None,
        typer.Option(
            "--server-name",
            help="One more name in the server's certificate, beside localhost: the name by which clients on other "
            "machines or in other containers reach it. May be repeated.",
        ),
    ],
    default=None,
)
SEED = option(
    "seed",
    Annotated[int, typer.Option(help="Seed of record numbers and of faults by probability.")],
    default=0,
)


def port(default: int) -> Parameter:
    """Return the option for the port, with a default of each system's own."""
    annotation = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]
    return option("port", annotation, default=default)


def token_seconds(default: float) -> Parameter:
    """Return the option for the lifetime of tokens, where a system gives any."""
    annotation = Annotated[float, typer.Option(min=0.001, help="Lifetime of a token.")]
    return option("token_seconds", annotation, default=default)


SCHEMAS = option(
    "schemas",
    Annotated[Path | None, typer.Option(help="Directory of NHIS-<TYPE>.xsd; by default the bundled ones.")],
    default=None,
)
MESSAGE_ORDER = option(
    "message_order",
    Annotated[
        str | None,
        typer.Option(help="Demand another order of elements: production; that of XSD 1.6.2 if not given."),
    ],
    default=None,
)
SIGNERS_FILE = option(
    "signers_file",
    Annotated[
        Path | None,
        typer.Option(
            "--signers", help="JSON list of {name, uin, certificate}; by default the directory's own."
        ),
    ],
    default=None,
)
PROFILE = option(
    "profile",
    Annotated[str, typer.Option(help="The text of the document to follow: 2020-06 or 2020-09.")],
    default="2020-06",
)
STRICT = option(
    "strict",
    Annotated[bool, typer.Option("--strict", help="Refuse requests that differ from the documented form.")],
    default=False,
)
ASYNC_SECONDS = option(
    "async_seconds",
    Annotated[float, typer.Option(min=0.0, help="How many seconds an asynchronous answer takes.")],
    default=5.0,
)
CALLBACK_CA_FILE = option(
    "callback_ca_file",
    Annotated[
        Path | None,
        typer.Option(
            "--callback-ca", help="Authority of the receivers of callbacks; by default the sandbox's own."
        ),
    ],
    default=None,
)
TOKEN_PORT = option(
    "token_port",
    Annotated[int, typer.Option(min=0, max=65535, help="The port of the token service; 0 takes a free one.")],
    default=8450,
)
