"""`herald journal`: the journal's tables."""

from __future__ import annotations

import asyncio

import asyncpg
import typer

from herald.cli.configuration import Config, settings_of
from herald.cli.output import fail, say
from herald.worker.journal import migrate as migrations
from herald.worker.journal.errors import SchemaOutdated

app = typer.Typer(no_args_is_help=True, help="The journal's tables.")


@app.callback()
def _journal() -> None:
    """Keep `migrate` a command of its own while it is the only one."""


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the journal's tables to what this version needs; a second run does nothing."""
    settings = settings_of(config).journal
    try:
        applied = asyncio.run(migrations.migrate(settings.connection_string()))
    except SchemaOutdated as error:
        fail(str(error))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        fail(
            f"The journal's database cannot be used: {type(error).__name__}. Is it there, and does it let us in?"
        )
    for migration in applied:
        say(f"applied {migration.name}")
    say("The journal's tables are up to date.")
