"""The invented system with two places to look at, whose messages lie in a file that several processes share."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from tests.support.inbound.invented import TYPE, InventedSystem
from worker.notice import Notice
from worker.systems.news import LookFailed, Seen, Watch

PAGE = 50
FILE = "INVENTED_INBOX"
"""The variable that names the file: `{"messages": N, "failing": null or a reason, "seconds": pace}`."""
PLACES = ("first", "second")


def notice(place: str, number: int) -> Notice:
    """Return what the system states of one message."""
    return Notice(f"{place}-{number}", TYPE, {"paymentId": f"{place}-{number}", "status": "paid"})


class InventedInbox(InventedSystem):
    """Implements `ReceivesCalls` and `LooksForNews`; the cursor is the number of messages that were seen."""

    def watches(self) -> Sequence[Watch]:
        return [Watch(place, "a-signer", self._said().get("seconds", 1.0)) for place in PLACES]

    async def look(self, watch: Watch, cursor: str | None) -> Seen:
        said, seen = self._said(), int(cursor or 0)
        if said.get("failing"):
            raise LookFailed(said["failing"], "the inbox does not answer", delay=said.get("delay"))
        end = min(seen + PAGE, said.get("messages", 0))
        found = tuple(notice(watch.name, number) for number in range(seen, end))
        _write_down(f"{os.getpid()} {watch.name} {seen} {end}\n")
        return Seen(found, str(end), more=end < said.get("messages", 0))

    @staticmethod
    def _said() -> dict[str, object]:
        file = os.environ.get(FILE)
        return json.loads(Path(file).read_text()) if file else {}


def _write_down(line: str) -> None:
    with Path(os.environ.get("INVENTED_LOOKS", os.devnull)).open("a") as log:
        log.write(line)
