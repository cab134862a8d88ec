"""What a backend is made with, beside the settings of its signer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.signing.port import RefusedSecrets


@dataclass(frozen=True, slots=True)
class Context:
    """``clock`` tells the time (UTC), ``monotonic`` seconds; ``refused`` remembers wrong PINs and passwords."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    refused: RefusedSecrets
