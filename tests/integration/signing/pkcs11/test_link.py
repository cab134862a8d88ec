"""A signer process that has ended, on both event loops: the worker runs on uvloop."""

from __future__ import annotations

import asyncio
import sys

import pytest
import uvloop

from worker.signing.pkcs11.link import Link, ProcessLost


async def ask_after_the_end():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    await process.wait()
    await asyncio.sleep(0.05)
    with pytest.raises(ProcessLost, match="exit code 0"):
        await Link(process).ask("open", {"slot": 1}, [bytearray(b"4711")], deadline=5)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_question_after_its_end_is_a_lost_process(loop):
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask_after_the_end())
