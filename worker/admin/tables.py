"""Bring the journal's tables to what this version needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from worker.admin.errors import ActFailed, WrongConfiguration
from worker.journal import migrate
from worker.journal.address import advice
from worker.journal.errors import DRIVER_ERRORS, SchemaOutdated, sentence

if TYPE_CHECKING:
    from worker.journal.settings import JournalSettings


async def migrate_journal(journal: JournalSettings) -> tuple[str, ...]:
    """Apply the migrations that the database lacks and return their names; none, where it has them all.

    Raises ActFailed where the database cannot be used, or has been changed by hand, and WrongConfiguration.
    """
    address = ""
    try:
        address = journal.connection_string()
        applied = await migrate.migrate(address)
    except SchemaOutdated as error:
        raise ActFailed(str(error)) from None
    except (ValueError, asyncpg.ClientConfigurationError) as error:  # whose text may quote the address
        what = f"journal: the address cannot be used ({type(error).__name__})"
        raise WrongConfiguration(f"{what}{advice(address, error)}") from None
    except (
        asyncpg.UndefinedObjectError
    ) as error:  # also of the start: a parameter that the server does not know
        raise ActFailed(
            f"The journal's database cannot be used: {sentence(error)}{advice(address, error)}."
        ) from None
    except (OSError, *DRIVER_ERRORS) as error:
        raise ActFailed(f"The journal's database cannot be used: {sentence(error)}.") from None
    return tuple(migration.name for migration in applied)
