"""Ending in good order: Ctrl-C, SIGTERM and a hung-up terminal stop the demo, and nothing it started stays behind."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """A signal asked the demo to end: no error, and no handler of errors may catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number

    @property
    def exit_code(self) -> int:
        """The status that shells expect of a program that a signal ended."""
        return 128 + self.number


def ending() -> AbstractContextManager[None]:
    """Within the block, let a signal that ends the program raise StopRequested."""
    return _handled(_tell)


@contextmanager
def postponed() -> Iterator[None]:
    """Let nothing interrupt the block; a signal that came meanwhile counts at its end."""
    came: list[int] = []
    with _handled(lambda number, _: came.append(number)):
        yield
    for number in came[:1]:
        signal.raise_signal(number)


def _tell(number: int, _: FrameType | None) -> None:
    raise StopRequested(number)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's business
        return
    before = {number: signal.signal(number, handler) for number in ENDING if not _under_nohup(number)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _under_nohup(number: int) -> bool:
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
