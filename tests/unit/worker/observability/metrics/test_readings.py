"""What is read at a scrape only."""

from __future__ import annotations

from prometheus_client import generate_latest

from worker.observability.metrics import declared
from worker.observability.metrics.instruments import Instruments


def _shown(instruments: Instruments) -> str:
    instruments.take_readings()
    return generate_latest(instruments.registry).decode()


def test_sources_are_asked_at_each_scrape_and_join_in_one_family():
    instruments, open_now = Instruments(), [1]
    instruments.read(lambda: [(declared.CIRCUIT_OPEN, ("nhis",), open_now[0])])
    instruments.read(lambda: [(declared.CIRCUIT_OPEN, ("erx",), False)])
    text = _shown(instruments)
    assert 'herald_circuit_open{system="nhis"} 1.0' in text
    assert 'herald_circuit_open{system="erx"} 0.0' in text
    assert text.count("# TYPE herald_circuit_open gauge") == 1
    open_now[0] = 0
    assert 'herald_circuit_open{system="nhis"} 0.0' in _shown(instruments)


def test_a_source_that_fails_hides_no_other_and_is_logged_once_without_its_text(caplog):
    instruments = Instruments()

    def broken():
        raise ValueError("8523031234")

    instruments.read(broken)
    instruments.read(lambda: [(declared.READY, (), True)])
    assert "herald_ready 1.0" in _shown(instruments)
    assert "herald_ready 1.0" in _shown(instruments)
    assert [one.message for one in caplog.records] == ["metrics could not be read"]
    assert "8523031234" not in caplog.text


def test_what_a_source_no_longer_gives_is_absent():
    instruments, given = Instruments(), [(declared.HELD, ("nhis",), 3.0)]
    instruments.read(lambda: list(given))
    assert "herald_held_submissions" in _shown(instruments)
    given.clear()
    assert "herald_held_submissions" not in _shown(instruments)


def test_a_counter_that_is_read_keeps_its_name():
    instruments = Instruments()
    instruments.read(lambda: [(declared.LOST_OFFSETS, ("nhis",), 7)])
    assert 'herald_lost_offsets_total{system="nhis"} 7.0' in _shown(instruments)
