"""Which hospital system reads its replies where: decided by configuration, by the source of its events."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from worker.setting_types import SettingsModel, must_be

Topic = Annotated[str, must_be(r"[A-Za-z0-9._-]{1,249}", "a topic's name: letters a-z, digits and . _ -")]


class ReplyRoute(SettingsModel):
    """Replies to events of some sources go to topics of their own. The first route that fits counts."""

    source: Annotated[str, Field(min_length=1)]
    """The events' `source`; `*`, `?` and `[…]` as in file names."""
    results: Topic
    """The topic for accepted submissions, its whole name."""
    errors: Topic
    """The topic for all other answers, its whole name."""
