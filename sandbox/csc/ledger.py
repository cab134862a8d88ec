"""The ledger of authorisations and signatures, in memory: no PIN, token or SAD."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Authorisation:
    """One authorisation that was given. ``extended``: in place of an earlier one, without the PIN."""

    seq: int
    credential: str
    count: int
    bound: bool
    extended: bool
    at: str


@dataclass(frozen=True, slots=True)
class Signing:
    """One call that made signatures."""

    seq: int
    credential: str
    count: int
    algorithm: str
    authorised: bool
    at: str


class Ledger:
    """All of them in order, and how often each credential's PIN was tried."""

    def __init__(self) -> None:
        self.authorisations: list[Authorisation] = []
        self.signings: list[Signing] = []
        self.tokens = 0
        self.right_pins: Counter[str] = Counter()
        self.wrong_pins: Counter[str] = Counter()

    def authorise(
        self, credential: str, count: int, now: datetime, *, bound: bool, extended: bool = False
    ) -> None:
        """Note an authorisation."""
        seq = len(self.authorisations) + 1
        self.authorisations.append(Authorisation(seq, credential, count, bound, extended, now.isoformat()))

    def sign(self, credential: str, count: int, algorithm: str, now: datetime, *, authorised: bool) -> None:
        """Note a call that made signatures."""
        seq = len(self.signings) + 1
        self.signings.append(Signing(seq, credential, count, algorithm, authorised, now.isoformat()))

    def shown(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "authorisations": [asdict(one) for one in self.authorisations],
            "signings": [asdict(one) for one in self.signings],
            "tokens": self.tokens,
            "pins": {"right": dict(self.right_pins), "wrong": dict(self.wrong_pins)},
        }
