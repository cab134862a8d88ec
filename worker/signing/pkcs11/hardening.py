"""What a signer process does before it is given a PIN: nobody else may read its memory, and no core file shows it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

EXIT_NOT_HARDENED = 77
"""The exit code of a process that ended before it was given anything, because it could not be protected."""
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


class NotHardened(Exception):
    """The kernel refused one of the protections."""


def harden() -> None:
    """Protect this process's memory, end it with its parent, and leave the signals of a terminal to the parent.

    Raises NotHardened. After a first signal the worker still finishes what is in flight, and needs its signers.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def take_pipes() -> tuple[int, int]:
    """Return new descriptors of the standard input and output, and lead the standard ones nowhere.

    A library that prints would otherwise write into the answers, or something secret into a log.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return incoming, outgoing


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise NotHardened(f"prctl {option}: {os.strerror(ctypes.get_errno())}")
