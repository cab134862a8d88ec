"""Garbage collection that passes over what lasts for the whole run.

The collected tests and the modules that they import are some million objects, none of which is ever freed: collections
that visit them again and again take a quarter of the time of collecting the tests.
"""

from __future__ import annotations

from worker import garbage


def pytest_configure() -> None:
    """Collect nothing while the tests are found."""
    garbage.load()


def pytest_collection_finish() -> None:
    """Collect from now on, and visit only what the tests make."""
    garbage.loaded()
