"""What the receiver counts; no label takes anything that a caller says."""

from __future__ import annotations

from typing import Protocol


class ReceiverMeter(Protocol):
    """Measures the calls. ``system`` is None for a request that is for no route."""

    def answered(self, system: str | None, status: int, seconds: float) -> None:
        """Count an answer."""

    def kept(self, system: str) -> None:
        """Count a notification that was not there before."""

    def repeated(self, system: str) -> None:
        """Count a notice that states what is kept already."""

    def conflicting(self, system: str) -> None:
        """Count a notice of a known identity that states something else."""

    def hastened(self, system: str) -> None:
        """Count a call after which a waiting submission is asked for."""

    def look_hastened(self, system: str) -> None:
        """Count a call after which the system is looked at soon."""


class _Unmetered:
    """Measures nothing."""

    def answered(self, system: str | None, status: int, seconds: float) -> None:
        """Count nothing."""

    def kept(self, system: str) -> None:
        """Count nothing."""

    def repeated(self, system: str) -> None:
        """Count nothing."""

    def conflicting(self, system: str) -> None:
        """Count nothing."""

    def hastened(self, system: str) -> None:
        """Count nothing."""

    def look_hastened(self, system: str) -> None:
        """Count nothing."""


UNMETERED: ReceiverMeter = _Unmetered()
