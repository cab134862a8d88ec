"""How many exchanges run at once: of all, of each signer, for each source, and of all signers at providers together.

So a signer with slow answers, a source that floods, and slow signatures leave room.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from worker.pipeline.admission.places import Places

if TYPE_CHECKING:
    from collections.abc import Collection


class ConcurrencyLimits:
    """Places for exchanges with one system. A submission that waits for one is not yet `sending` in the journal."""

    def __init__(
        self,
        total: int,
        per_signer: int,
        per_source: int | None = None,
        *,
        remote: int | None = None,
        remote_signers: Collection[str] = (),
    ) -> None:
        """Make the places; the ``remote_signers`` together have ``remote`` of them."""
        self.of_all = Places(total)
        self._remote = Places(remote or total)
        self._remote_signers = frozenset(remote_signers)
        self._per_source = per_source or total
        # Sources name themselves: there may be any number of them, so only those with work are kept.
        self._of_source: WeakValueDictionary[str, Places] = WeakValueDictionary()
        self._of_signer: dict[str, Places] = defaultdict(lambda: Places(per_signer))

    def of_signer(self, signer: str) -> Places:
        """Return the signer's places."""
        return self._of_signer[signer]

    def of_remote(self, signer: str) -> Places | None:
        """Return the places of signers at providers, where this is one."""
        return self._remote if signer in self._remote_signers else None

    def of_source(self, source: str) -> Places:
        """Return the source's places, which are forgotten when nobody refers to them any more."""
        places = self._of_source.get(source)
        if places is None:
            places = self._of_source[source] = Places(self._per_source)
        return places
