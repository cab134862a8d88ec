"""Fixtures for SoftHSM: tokens in a directory of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.softhsm.install import SoftHsmUnavailableError, install
from tests.support.softhsm.tokens import SoftHsm

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
def softhsm(softhsm_module: Path, tmp_path: Path) -> SoftHsm:
    """A directory for tokens that no other test has."""
    return SoftHsm(softhsm_module, tmp_path / "softhsm")


@pytest.fixture(scope="module")
def softhsm_shared(softhsm_module: Path, tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """One for the tests of a module, which do not harm it."""
    return SoftHsm(softhsm_module, tmp_path_factory.mktemp("softhsm"))
