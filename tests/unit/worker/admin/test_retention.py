"""How long things are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from worker.admin.identity_sql import Forgetting
from worker.admin.retention import Retention


def test_replies_outlive_the_evidence():
    assert Retention(90, 90) == Retention(evidence=90, replies=90)
    with pytest.raises(ValueError, match="as long as the evidence, or longer"):
        Retention(evidence=90, replies=89)


def test_identities_outlive_the_replies():
    with pytest.raises(ValueError, match="as long as the replies, or longer"):
        Retention(90, 90, 89)


def test_whole_days_of_utc_become_times():
    now = datetime(2026, 3, 31, 1, 30, tzinfo=timezone(timedelta(hours=1)))
    ends = (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC))
    assert Retention(1, 2).ends(now, ["nhis"]) == (*ends, None)
    forgetting = Forgetting(datetime(2026, 3, 28, tzinfo=UTC), ("nhis", "erx"))
    assert Retention(1, 2, 3).ends(now, ["nhis", "erx"]) == (*ends, forgetting)
