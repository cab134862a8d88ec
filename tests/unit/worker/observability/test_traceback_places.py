"""Where an exception came from: files, lines and functions, and no value."""

from __future__ import annotations

from pathlib import Path

from worker.observability.traceback_places import places_of

SECRET = "7223154154"


def _raises(value: str) -> None:
    raise ValueError(value)


def test_each_call_is_a_place_the_outermost_first() -> None:
    try:
        _raises(SECRET)
    except ValueError as error:
        places = places_of(error.__traceback__)
    assert [one.function for one in places] == ["test_each_call_is_a_place_the_outermost_first", "_raises"]
    file = "/".join(Path(__file__).parts[-3:])
    line = _raises.__code__.co_firstlineno + 1
    assert places[-1].line == f"{file}:{line}"
    assert SECRET not in str(places)


def test_without_a_traceback_there_are_none() -> None:
    assert places_of(None) == []
