"""Values that nobody changes: the type checker refuses to, and everything else is as with a frozen data class."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import field, replace

import pytest

from contracts.immutable import immutable

CHANGED = """
from contracts.immutable import immutable

@immutable
class Place:
    topic: str
    offset: int = 0

place = Place("t")
place.offset = 1
"""


@immutable
class Place:
    """A place."""

    topic: str
    offset: int = field(default=0, repr=False)


@immutable
class Wide(Place):
    """A place with more."""

    more: tuple[int, ...] = ()


def test_the_type_checker_refuses_to_change_a_field(tmp_path):
    source = tmp_path / "changed.py"
    source.write_text(CHANGED, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(source)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert 'Property "offset" defined in "Place" is read-only' in told
    assert told.count("error:") == 1


def test_is_equal_and_hashed_by_its_fields():
    assert Place("t", 1) == Place("t", 1)
    assert hash(Place("t", 1)) == hash(Place("t", 1))
    assert Place("t", 1) not in {Place("t", 2), Place("u", 1)}


def test_has_slots_and_can_be_replaced_and_extended():
    assert replace(Place("t"), offset=2) == Place("t", 2)
    assert Wide("t", more=(1,)).more == (1,)
    with pytest.raises(AttributeError):
        Place("t").other = 1  # type: ignore[attr-defined]


def test_fields_keep_what_they_are_declared_with():
    assert repr(Place("t", 1)) == "Place(topic='t')"
