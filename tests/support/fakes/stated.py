"""What the fake journal tells of a submission's last answer, see `Stated`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from worker.pipeline.exchange import UNSENT
from worker.pipeline.ports import Sending, Stated

if TYPE_CHECKING:
    from tests.support.fakes.journal import Entry


def stated_of(entry: Entry, outcomes: Sequence[str]) -> Stated | None:
    """Return the last attempt that left, where it had one of these outcomes."""
    submits = [one for one in entry.sent if one.purpose == "submit"]
    left = [one for one in submits if _outcome(entry, one) != UNSENT]
    if not entry.in_doubt or not left or _outcome(entry, left[-1]) not in outcomes:
        return None
    last, got = left[-1], entry.got[left[-1].message_id]
    if got.status is None or got.body is None:
        return None
    return Stated(
        last.message_id, last.url, last.headers, last.request, got.status, got.headers, got.body, last.step
    )


def _outcome(entry: Entry, sent: Sending) -> str | None:
    got = entry.got.get(sent.message_id)
    return got.outcome if got else None
