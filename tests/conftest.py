"""What every test may use."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.support.journal")

pytest_plugins = [
    "tests.support.alone",
    "tests.support.kafka.fixtures",
    "tests.support.postgres.server",
    "tests.support.strict_skips",
    "pytester",
]
