"""Nothing is collected while a process loads, and everything afterwards as before."""

from __future__ import annotations

import gc

import pytest

from worker import garbage


@pytest.fixture(autouse=True)
def _as_before():
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    yield
    gc.set_threshold(*thresholds)
    gc.enable()
    gc.unfreeze()
    if frozen:
        gc.freeze()  # as it is in a run of tests (tests/support/garbage.py)


def test_what_is_loaded_is_looked_at_by_no_collection():
    before = gc.get_freeze_count()

    garbage.load()
    assert not gc.isenabled()
    garbage.loaded()

    assert gc.isenabled()
    assert gc.get_freeze_count() > before


def test_without_a_start_of_a_process_nothing_is_frozen():
    before = gc.get_freeze_count()

    garbage.loaded()

    assert gc.get_freeze_count() == before


def test_what_serves_is_frozen_and_collects_seldom():
    before, kept = gc.get_freeze_count(), [object() for _ in range(3)]
    kept.append(kept)

    garbage.serve()

    assert gc.get_freeze_count() > before
    assert gc.get_threshold()[0] == garbage.YOUNGEST
