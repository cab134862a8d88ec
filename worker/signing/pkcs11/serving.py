"""The loop of a signer process. It ends when its input does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.signing.pkcs11.desk import Desk
from worker.signing.pkcs11.frames import packed, read, wipe
from worker.signing.pkcs11.hardening import harden, take_pipes

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.signing.pkcs11.module import Module


def serve(load: Callable[[str], Module]) -> None:
    """Protect the process, then answer requests until the input ends. Raises NotHardened, BrokenFrame."""
    harden()
    incoming, outgoing = take_pipes()
    desk = Desk(load)
    try:
        _answer_all(desk, incoming, outgoing)
    finally:
        desk.close()


def _answer_all(desk: Desk, incoming: int, outgoing: int) -> None:
    with open(incoming, "rb", buffering=0) as requests, open(outgoing, "wb", buffering=0) as answers:
        while (request := read(requests)) is not None:
            fields, blobs = request
            answer, found = desk.answer(fields, blobs)
            for blob in blobs:
                wipe(blob)
            frame = memoryview(packed(answer, found))
            while frame:
                frame = frame[answers.write(frame) :]
