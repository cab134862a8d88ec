"""What a backend is made with, beside the settings of its signer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.signing.port import RefusedSecrets


@immutable
class Context:
    """``clock`` tells the time (UTC), ``monotonic`` seconds; ``refused`` remembers wrong PINs and passwords."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    refused: RefusedSecrets
