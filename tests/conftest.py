"""What every test may use."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.kafka.fixtures",
    "tests.support.postgres.server",
    "tests.support.strict_skips",
    "pytester",
]
