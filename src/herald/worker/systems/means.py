"""What a system is given from outside when it is built: it opens no file of keys and reads no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from herald.worker.signing.port import DocumentSigners, SigningKeys
    from herald.worker.systems.port import CodeLists


class Unbuildable(Exception):
    """The settings fit their model, but no system can be made of them; the message is a plain sentence."""


@dataclass(frozen=True, slots=True)
class Means:
    """``keys`` and ``documents`` may lack some of the configured signers: then only those are blocked."""

    keys: SigningKeys
    documents: DocumentSigners
    code_lists: CodeLists
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
