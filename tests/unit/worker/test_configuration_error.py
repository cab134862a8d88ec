"""Problems of a configuration, put together and placed."""

from __future__ import annotations

from worker.configuration_error import ConfigurationError


def test_every_problem_gets_the_path_that_it_stands_below():
    error = ConfigurationError("senders.one: no key", "api_url: no address").under("systems.nhis")
    assert error.problems == ("systems.nhis: senders.one: no key", "systems.nhis: api_url: no address")
    assert str(error) == "systems.nhis: senders.one: no key; systems.nhis: api_url: no address"


def test_what_is_said_twice_is_reported_once():
    assert ConfigurationError.of([1, "two", 1, "two"]).problems == ("1", "two")
