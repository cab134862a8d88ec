"""One signer process as the worker sees it: requests go in, answers come out, each within a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Any, TypeAlias

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.frames import HEAD, BrokenFrame, length_of, packed, sizes_of, wipe
from worker.signing.pkcs11.hardening import EXIT_NOT_HARDENED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Answer: TypeAlias = "tuple[dict[str, Any], list[bytes]]"

COMMAND = (sys.executable, "-I", "-m", "worker.signing.pkcs11.process")
GRACE = 2.0
"""Seconds that a process has to log out and end by itself, before it is killed."""
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")


class ProcessLost(Exception):
    """The signer process ended, or wrote what is no answer; the text says how."""


class TooSlow(Exception):
    """A call took longer than its deadline, and the process was killed."""


class Link:
    """A running process. It is used for one request at a time, and after an exception never again."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str]) -> Link:
        """Start a process with these variables and few others. Raises ProcessLost.

        A session of its own keeps the terminal's Ctrl-C from it: the worker still signs while it drains.
        """
        few = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={**few, **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessLost(f"it cannot be started: {error.strerror}") from None
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(
        self, act: str, fields: Mapping[str, Any], blobs: Sequence[bytes | bytearray] = (), *, deadline: float
    ) -> Answer:
        """Return the answer. Raises TokenFault, ProcessLost, and TooSlow after ``deadline`` seconds."""
        frame = packed({"act": act, **fields}, blobs)
        try:
            async with asyncio.timeout(deadline):
                answer, found = await self._exchange(frame)
        except TimeoutError:
            self.kill()
            raise TooSlow(f"no answer within {deadline:g} s") from None
        except BrokenFrame as broken:
            self.kill()
            raise ProcessLost(str(broken)) from None
        except (asyncio.IncompleteReadError, OSError):
            raise ProcessLost(await self._ending()) from None
        finally:
            wipe(frame)
        if "fault" in answer:
            raise TokenFault(Fault(answer["fault"]), str(answer.get("detail", "")))
        return answer, found

    async def _exchange(self, frame: bytearray) -> Answer:
        incoming, outgoing = self._process.stdin, self._process.stdout
        # On a pipe that is known to be closed, uvloop's write is a RuntimeError.
        if incoming is None or outgoing is None or incoming.is_closing():
            raise BrokenPipeError
        incoming.write(frame)
        await incoming.drain()
        text = await outgoing.readexactly(length_of(await outgoing.readexactly(HEAD.size)))
        fields, sizes = sizes_of(text)
        return fields, [await outgoing.readexactly(size) for size in sizes]

    async def _ending(self) -> str:
        """Say how the process ended, which its closed pipe shows a moment earlier.

        It is not killed first: asyncio's way to kill takes the exit code from who waits for it.
        """
        try:
            async with asyncio.timeout(GRACE):
                code = await self._process.wait()
        except TimeoutError:
            self.kill()
            return "it closed its pipe and did not end"
        return _ended(code)

    def kill(self) -> None:
        """End it at once. A process within the kernel's device code ends only when that lets it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Let it log out and end; after a grace period it is killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await self._process.wait()


def _ended(code: int) -> str:
    if code == EXIT_NOT_HARDENED:
        return (
            "the system does not let it protect its memory (prctl PR_SET_DUMPABLE and PR_SET_PDEATHSIG); allow both, "
            "for instance in the container's seccomp profile"
        )
    return f"it ended with signal {-code}" if code < 0 else f"it ended with exit code {code}"
