"""Nothing is collected while a process is made, and everything afterwards as before."""

from __future__ import annotations

import gc

import pytest

from worker import garbage


@pytest.fixture(autouse=True)
def _thaw():
    yield
    gc.enable()
    gc.unfreeze()


def test_what_is_made_is_looked_at_by_no_collection():
    before = gc.get_freeze_count()

    with garbage.making_what_stays():
        assert not gc.isenabled()

    assert gc.isenabled()
    assert gc.get_freeze_count() > before


def test_a_failure_does_not_leave_the_collector_off():
    with pytest.raises(OSError, match="no file"), garbage.making_what_stays():
        raise OSError("no file")

    assert gc.isenabled()
