"""Authorisations of signatures (SAD), and the PINs that give them: three wrong ones lock a credential."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.csc.errors import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sandbox.csc.ledger import Ledger
    from sandbox.csc.variants import Variants

MOST_WRONG = 3


@dataclass(frozen=True, slots=True)
class Sad:
    """One authorisation. ``hashes``: what it is bound to; None where it is bound to nothing."""

    credential: str
    left: int
    hashes: frozenset[str] | None = field(repr=False)
    end: datetime


class Authorisations:
    """All that were given, by their value."""

    def __init__(self, pins: Mapping[str, str], ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._pins = pins
        self._ledger = ledger
        self._now = now
        self._sads: dict[str, Sad] = {}
        self._wrong: Counter[str] = Counter()

    def expire(self) -> None:
        """Let all end now."""
        self._sads = {value: replace(sad, end=self._now()) for value, sad in self._sads.items()}

    def require_pin(self, credential: str, given: str | None, variants: Variants) -> None:
        """Raise Refused unless the PIN is right; a credential that is locked refuses the right one too."""
        if variants.locked or self._wrong[credential] >= MOST_WRONG:
            raise invalid("Credential locked")
        if not variants.pin:
            return
        if given is not None and secrets.compare_digest(given.encode(), self._pins[credential].encode()):
            self._wrong[credential] = 0
            self._ledger.right_pins[credential] += 1
            return
        self._wrong[credential] += 1
        self._ledger.wrong_pins[credential] += 1
        if variants.hidden_causes:
            raise invalid("The request is not valid")
        raise Refused("invalid_authentication_data", "The authentication data is not valid")

    def give(self, credential: str, count: int, hashes: Sequence[str] | None, variants: Variants) -> str:
        """Return a new authorisation. Raises Refused."""
        if count > variants.multisign:
            raise invalid("Numbers of signatures is too high")
        bound = frozenset(hashes) if hashes is not None else None
        self._ledger.authorise(credential, count, self._now(), bound=bound is not None)
        return self._new(Sad(credential, count, bound, self._end(variants)))

    def extend(self, value: str, credential: str, variants: Variants) -> str:
        """Return another one in place of one that is still valid. Raises Refused."""
        sad = self._valid(value, credential)
        del self._sads[value]
        self._ledger.authorise(credential, sad.left, self._now(), bound=sad.hashes is not None, extended=True)
        return self._new(replace(sad, end=self._end(variants)))

    def use(self, value: str, credential: str, hashes: Sequence[str]) -> None:
        """Count signatures. Raises Refused where it does not cover them."""
        sad = self._valid(value, credential)
        if sad.hashes is not None and not sad.hashes.issuperset(hashes):
            raise invalid("Hash is not authorized by the SAD")
        if len(hashes) > sad.left:
            raise invalid("Numbers of signatures is too high")
        self._sads[value] = replace(sad, left=sad.left - len(hashes))

    def _valid(self, value: str, credential: str) -> Sad:
        sad = self._sads.get(value)
        if sad is None or sad.credential != credential:
            raise invalid("Invalid parameter SAD")
        if self._now() >= sad.end:
            raise invalid("SAD expired")
        return sad

    def _end(self, variants: Variants) -> datetime:
        return self._now() + timedelta(seconds=variants.sad_seconds)

    def _new(self, sad: Sad) -> str:
        value = secrets.token_urlsafe(24)
        self._sads[value] = sad
        return value
