"""The code lists of NHIS: pulled into the journal's cache, where workers find them, and shown from there."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial
from typing import TYPE_CHECKING

from contracts.nhis.codes import VACCINE_LOTS
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.loaded_signers import loaded_signers
from worker.admin.pull_policy import PullPolicy
from worker.admin.scheduled_pulls import ScheduledPulls
from worker.clock import SystemClock
from worker.configuration_error import ConfigurationError
from worker.journal import code_lists
from worker.systems.nhis.build import build_nomenclatures, nomenclature_schemas
from worker.systems.nhis.settings import NhisSettings
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from worker.journal.code_lists import CachedList
    from worker.journal.settings import JournalSettings
    from worker.observability.metrics.labels import PullOutcome
    from worker.pipeline.ports import Clock
    from worker.settings.model import Settings
    from worker.signing.port import DigestSigners
    from worker.signing.registry import Signers
    from worker.systems.port import CodeList, Pulled

_SYSTEM = "nhis"
LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of the largest answer here, above the settings' limit: CL011 has 39,000 codes and takes 10 to 20 MiB."""
LEAST_PAUSE = 1.0
"""Seconds between two requests of a worker's pull, so that it takes little of what submissions need."""
SHARE = 0.1
"""A worker's pull makes at most this share of the requests that the settings allow in a second."""


async def pull_code_lists(settings: Settings, list_ids: Sequence[str] | None = None) -> Pulled:
    """Fetch these lists, by default all of the settings, and keep what came.

    Raises ActFailed where NHIS is not configured, or the journal or the trusted certificates cannot be used.
    """
    nhis = settings.systems.of(_SYSTEM)
    if not isinstance(nhis, NhisSettings):
        raise ActFailed("systems.nhis is not configured.")
    try:
        signers = _signers(settings, nhis)
    except ConfigurationError as error:
        raise ActFailed(str(error)) from None
    try:
        pulled = await _fetched(nhis, signers.keys, list_ids, now=SystemClock().now)
    except ConfigurationError as error:
        raise ActFailed(str(error.under("systems.nhis"))) from None
    finally:
        await signers.close()
    try:
        await _keep(settings, pulled)
    except ActFailed as error:
        raise ActFailed(f"journal: {error}") from None
    return pulled


def checked_lists(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Return the lists against which codes are checked, by system: without them, and current, checks are worth nothing.

    A system whose settings check no codes is left out.
    """
    nhis = settings.systems.of(_SYSTEM)
    if not isinstance(nhis, NhisSettings):
        return {}
    lists = (*(nhis.nomenclatures if nhis.check_codes else ()), *([VACCINE_LOTS] if nhis.check_lots else ()))
    return {_SYSTEM: lists} if lists else {}


def scheduled_pulls(
    settings: Settings,
    system: str,
    clock: Clock,
    *,
    keys: DigestSigners,
    held_back: Callable[[], str | None],
    random: Random,
    counter_of: Callable[[str], Callable[[PullOutcome], None]],
) -> ScheduledPulls | None:
    """Return what keeps a system's lists fresh in a worker; None where the settings do not want it.

    ``counter_of`` returns what counts the pulls of a system; for the other arguments see `ScheduledPulls`.
    """
    nhis, lists = settings.systems.of(system), checked_lists(settings).get(system)
    if not isinstance(nhis, NhisSettings) or not nhis.nomenclature_pulls.enabled or not lists:
        return None
    rate = settings.limits.of(system).requests_per_second
    pause = max(LEAST_PAUSE, 1 / (rate * SHARE)) if rate else LEAST_PAUSE
    return ScheduledPulls(
        system,
        PullPolicy(lists, nhis.nomenclature_pulls.every_hours * 3600),
        settings.journal,
        clock,
        fetch=partial(_fetched, nhis, keys, now=clock.now, pace=partial(clock.sleep, pause)),
        held_back=held_back,
        random=random,
        ended=counter_of(system),
    )


def _signers(settings: Settings, nhis: NhisSettings) -> Signers:
    """Return the signer with whose token vaccine lots are asked for, where there is one."""
    return loaded_signers(settings, SystemClock(), only=(nhis.vaccine_lots_signer,))


async def list_code_lists(journal: JournalSettings) -> list[CachedList]:
    """Return what is cached, by id. Raises ActFailed."""
    async with connected(journal, "nomenclatures") as connection:
        return await code_lists.overview(connection, _SYSTEM)


async def show_code_list(journal: JournalSettings, list_id: str) -> CodeList:
    """Return one cached list. Raises ActFailed, also where it was never fetched."""
    list_id = list_id.upper()
    async with connected(journal, "nomenclatures") as connection:
        found = await code_lists.load_one(connection, _SYSTEM, list_id)
    if found is None:
        raise ActFailed(f"No list {list_id} is cached: see `herald nomenclatures list`, or pull it.")
    return found


async def _fetched(
    nhis: NhisSettings,
    keys: DigestSigners,
    list_ids: Sequence[str] | None,
    *,
    now: Callable[[], datetime],
    pace: Callable[[], Awaitable[None]] | None = None,
) -> Pulled:
    schemas = await asyncio.to_thread(nomenclature_schemas, nhis)
    http = HttpClients(nhis.transport.model_copy(update={"max_answer_bytes": LARGEST_LIST}))
    try:
        client = build_nomenclatures(
            nhis,
            now=now,
            new_id=lambda: str(uuid.uuid4()),
            http=http,
            schemas=schemas,
            keys=keys,
            pace=pace,
        )
        return await client.pull(list_ids)
    finally:
        await http.aclose()


async def _keep(settings: Settings, pulled: Pulled) -> None:
    async with connected(settings.journal, "nomenclatures") as connection:
        for code_list in pulled.lists:
            await code_lists.replace(connection, _SYSTEM, code_list)
