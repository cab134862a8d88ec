"""How long the signers' certificates last, and which signers cannot sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.systems.port import TellsUnusableSigners

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from worker.observability.metrics.readings import Reading
    from worker.signing.registry import Signers
    from worker.systems.port import System


class SignerReadings:
    """Reads the configured signers."""

    def __init__(self, signers: Signers, systems: Collection[System], now: Callable[[], datetime]) -> None:
        self._signers = signers
        self._systems = systems
        self._now = now

    def __call__(self) -> Iterator[Reading]:
        """Give all readings."""
        now, cannot = self._now(), set(self._signers.problems)
        for key in self._signers.keys.values():
            if key.known is not None:
                left = key.known.certificate.not_valid_after_utc - now
                yield declared.SIGNER_CERTIFICATE, (key.name,), left.total_seconds()
            if key.problem() is not None:
                cannot.add(key.name)
        configured = {*self._signers.keys, *self._signers.documents, *self._signers.problems}
        for system in self._systems:
            here = {name for name in configured if system.knows_signer(name)}
            blocked = {name for name in here if name in cannot}
            if isinstance(system, TellsUnusableSigners):
                blocked.update(system.unusable_signers())
            for name in sorted(here | blocked):
                yield declared.SIGNER_BLOCKED, (system.name, name), name in blocked
