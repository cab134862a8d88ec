"""Runs checks at the same time. One that hangs or raises fails alone, and the order of the results never changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Finding, NotAsked, Result, fail, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.admin.preflight.findings import Check

GRACE = 1.0
"""Seconds that a check has to end after its deadline, before it is left behind."""


async def run(checks: Sequence[Check], *, seconds: float) -> tuple[Result, ...]:
    """Return the results in the order of the checks. Each has ``seconds``, and so have all together."""
    if not checks:
        return ()
    tasks = [asyncio.create_task(_findings(check, seconds), name=check.id) for check in checks]
    try:
        _, late = await asyncio.wait(tasks, timeout=seconds + GRACE)
    finally:
        for task in tasks:
            task.cancel()
    return tuple(
        Result(check.id, one.subject, one.verdict, one.detail, one.next_step)
        for check, task in zip(checks, tasks, strict=True)
        for one in ((_too_late(seconds),) if task in late else task.result())
    )


async def _findings(check: Check, seconds: float) -> tuple[Finding, ...]:
    """Return what the check found, or the one finding that says why it found nothing."""
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return tuple(await check.find()) or (_defect("it found nothing"),)
    except NotAsked as why:
        return (skipped(str(why)),)
    except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
        raise
    except BaseException as error:  # noqa: BLE001 - a parser's panic, too, must not hide the other checks
        return (_too_late(seconds) if deadline.expired() else _defect(type(error).__name__),)


def _too_late(seconds: float) -> Finding:
    return fail(
        f"no answer within {seconds:g} s", "Check the way to it: firewalls, routes, load; or raise --timeout."
    )


def _defect(why: str) -> Finding:
    return fail(f"the check itself failed ({why})", "Report this defect of Herald, with the check's id.")
