"""Looking into an inbox: which page comes next, and what each shows. Pure.

The system orders an inbox by when messages were opened, those that were not first (confirmed by the public server), so
that a message that somebody opens meanwhile moves the others. Pages therefore overlap, every look reads the last days
again, and the first of them moves on only after two passes through more than one page. Each message is published once
by its key, however often it is seen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.edelivery.events import NOTIFICATIONS
from contracts.immutable import immutable
from worker.notice import Notice
from worker.systems.ssev.response import message_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.edelivery.settings import InboxSettings, InboxWatch
    from worker.systems.ssev.response import Page

_TYPE = NOTIFICATIONS[0].event_type
_OVERLAP = 5
_MOST_ENTRIES = 100_000
_PASSES = 2


@immutable
class Cursor:
    """How far looking has come. ``first`` and ``begun`` are days: of the first message, and of the pass.

    ``offset`` counts the entries before the next page; ``passes`` the whole ones from this first day.
    """

    first: str
    begun: str
    offset: int = 0
    passes: int = 0

    def text(self) -> str:
        """Return it as the journal keeps it."""
        return json.dumps(asdict(self))


def cursor_of(text: str | None, today: date, settings: InboxSettings) -> Cursor:
    """Return where the next look begins.

    Some days back at the first look, where the kept text is unreadable, and where the kept day is still to come: a
    worker whose clock was ahead kept it.
    """
    day = today.isoformat()
    try:
        kept = Cursor(**json.loads(text)) if text is not None else None
    except (ValueError, TypeError):
        kept = None
    if kept is None or kept.first > day:
        return Cursor((today - timedelta(days=settings.first_days)).isoformat(), day)
    return kept if kept.offset else Cursor(kept.first, day, 0, kept.passes)


def begins_too_late(cursor: Cursor, stated: date, *, is_first: bool) -> bool:
    """Whether a clock that is ahead of the system's has set from which day on this pass looks.

    ``stated``: the day on which the system answered; ``is_first``: no earlier look has kept a cursor.
    """
    day = stated.isoformat()
    return cursor.begun > day and (is_first or cursor.first > day)


def by_both_clocks(cursor: Cursor, stated: date) -> Cursor:
    """Return the cursor with the day that the system states, where the worker's clock is ahead of that."""
    return replace(cursor, begun=min(cursor.begun, stated.isoformat()))


def after(cursor: Cursor, page: Page, settings: InboxSettings) -> tuple[Cursor, bool]:
    """Return where looking goes on, and whether the pass has more pages."""
    seen = cursor.offset + len(page.entries)
    is_last = len(page.entries) < settings.page_size if page.total is None else seen >= page.total
    if is_last or not page.entries or seen >= _MOST_ENTRIES:
        return _whole(cursor, settings), False
    following = max(cursor.offset + 1, seen - _OVERLAP)
    return Cursor(cursor.first, cursor.begun, following, cursor.passes), True


def notices_of(name: str, watch: InboxWatch, page: Page) -> tuple[Notice, ...]:
    """Return what a page shows; an entry without an id is none."""
    found = [one for entry in page.entries if (one := message_head(entry)) is not None]
    return tuple(_notice(name, watch, one) for one in found)


def _whole(cursor: Cursor, settings: InboxSettings) -> Cursor:
    """Return where the pass after a whole one begins."""
    if cursor.offset and cursor.passes + 1 < _PASSES:
        return Cursor(cursor.first, cursor.begun, 0, cursor.passes + 1)
    again = date.fromisoformat(cursor.begun) - timedelta(days=settings.overlap_days)
    return Cursor(max(cursor.first, again.isoformat()), cursor.begun)


def _notice(name: str, watch: InboxWatch, message: Mapping[str, Any]) -> Notice:
    rnu = message.get("rnu")
    return Notice(
        key=json.dumps([name, message["messageId"]]),
        type=_TYPE,
        data={**message, "watch": name, "signer": watch.signer},
        rnu=rnu or None,
    )
