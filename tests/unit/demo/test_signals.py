"""A signal ends the demo at a moment that leaves nothing behind."""

from __future__ import annotations

import signal
import threading

import pytest

from demo.signals import ENDING, StopRequested, ending, postponed


@pytest.fixture(autouse=True)
def _hang_up():
    """Let a hung-up terminal end the process, also where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_block(number):
    with pytest.raises(StopRequested) as told, ending():
        signal.raise_signal(number)

    assert told.value.exit_code == 128 + number


def test_a_signal_waits_for_what_must_not_be_interrupted():
    done = []

    with pytest.raises(StopRequested), ending():  # noqa: PT012 - what comes after the block must not run
        with postponed():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("inside")
        done.append("after")

    assert done == ["inside"]


def test_under_nohup_a_hung_up_terminal_ends_nothing():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with ending(), postponed():
        signal.raise_signal(signal.SIGHUP)

    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_an_error_inside_is_not_lost_for_a_signal():
    with pytest.raises(KeyError), ending(), postponed():
        raise KeyError


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in ENDING]

    with ending(), postponed():
        pass

    assert [signal.getsignal(number) for number in ENDING] == before


def test_other_threads_have_no_signals_to_handle():
    done = []

    def work():
        with ending(), postponed():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done
