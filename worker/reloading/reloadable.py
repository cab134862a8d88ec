"""What can be loaded again: its files, and how."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable

if TYPE_CHECKING:
    from pathlib import Path

Apply: TypeAlias = Callable[[], None]
"""Puts what was loaded in the place of the earlier one. Called on the event loop; does not wait and does not raise."""


class NotReloaded(Exception):
    """What the files hold now is of no use; the message is a plain sentence without secrets.

    ``retry``: whether the same content may be of use later: it becomes valid, or a provider can be reached again.
    """

    def __init__(self, problem: str, *, retry: bool = True) -> None:
        super().__init__(problem)
        self.retry = retry


@immutable
class Reloadable:
    """``subject`` is the path in the settings. ``reload`` loads, checks and replaces.

    It raises NotReloaded or ConfigurationError where the new content is of no use: the earlier one then stays in use.
    ``system`` and ``signer`` say whose it is.
    """

    subject: str
    files: tuple[Path, ...]
    reload: Callable[[], Awaitable[None]]
    system: str
    signer: str | None = None


def in_thread(prepare: Callable[[], Apply]) -> Callable[[], Awaitable[None]]:
    """Return a reload that loads and checks by ``prepare`` in a thread, and then applies the result."""

    async def reload() -> None:
        apply = await asyncio.to_thread(prepare)
        apply()

    return reload
