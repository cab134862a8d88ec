"""Fixtures for SoftHSM: tokens in a directory of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.softhsm.install import SoftHsmUnavailableError, install
from tests.support.softhsm.tokens import SoftHsm
from tests.support.temporary import temporary_directory

MODULE = pytest.StashKey[Path | str]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install it before the first test: that takes longer than a test's timeout may allow."""
    wanted = any("softhsm_module" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        session.config.stash[MODULE] = _module_or_reason()


def _module_or_reason() -> Path | str:
    try:
        return install()
    except SoftHsmUnavailableError as why:
        return f"no SoftHSM: {why}"


@pytest.fixture(scope="session")
def softhsm_module(pytestconfig: pytest.Config) -> Path:
    """SoftHSM's library; skips where there is none (which fails the run where skips are failures)."""
    found = pytestconfig.stash[MODULE]
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture
def softhsm(softhsm_module: Path) -> Iterator[SoftHsm]:
    """A directory for tokens that no other test has."""
    with in_memory(softhsm_module) as made:
        yield made


@pytest.fixture(scope="module")
def softhsm_shared(softhsm_module: Path) -> Iterator[SoftHsm]:
    """One for the tests of a module, which do not harm it."""
    with in_memory(softhsm_module) as made:
        yield made


@contextmanager
def in_memory(module: Path) -> Iterator[SoftHsm]:
    """Keep the tokens in memory where there is room: SoftHSM waits for the disk at every object."""
    with TemporaryDirectory(dir=temporary_directory()) as directory:
        yield SoftHsm(module, Path(directory))
