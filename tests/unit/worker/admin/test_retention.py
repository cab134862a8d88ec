"""How long things are kept."""

from __future__ import annotations

import pytest

from worker.admin.retention import Retention


def test_replies_outlive_the_evidence():
    assert Retention(90, 90) == Retention(evidence=90, replies=90)
    with pytest.raises(ValueError, match="as long as the evidence, or longer"):
        Retention(evidence=90, replies=89)
