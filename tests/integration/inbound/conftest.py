"""A receiver's surroundings on real servers."""

from __future__ import annotations

import pytest

from tests.support.inbound.installation import ReceiverInstallation


@pytest.fixture
def installation(kafka, journal_dsn, tmp_path):
    """A fresh installation with a topic of four partitions."""
    return ReceiverInstallation.build(kafka.bootstrap, journal_dsn, tmp_path)
