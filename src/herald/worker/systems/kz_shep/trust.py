"""Whether an answer is SHEP's own: signed by one of the pinned certificates."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from herald.worker.signing.wsse_verify import BadSignature, verify_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography import x509

_MOST = 1000


class Trust:
    """Checks signatures, and remembers the verdicts by the answers' digests.

    For GOST a check takes seconds of CPU where an answer is large: it is made in a thread when the answer comes, and
    reading the answer finds the verdict. Without certificates everybody is believed.
    """

    def __init__(self, pinned: Sequence[x509.Certificate] | None, *, now: Callable[[], datetime]) -> None:
        self._pinned = pinned
        self._now = now
        self._verdicts: OrderedDict[bytes, str | None] = OrderedDict()
        self._lock = Lock()

    def problem(self, document: bytes) -> str | None:
        """Return why this answer is not to be believed, as a plain sentence; None where it is."""
        if self._pinned is None:
            return None
        digest = hashlib.sha256(document).digest()
        with self._lock:
            if digest in self._verdicts:
                return self._verdicts[digest]
        verdict = self._check(document, self._pinned)
        with self._lock:
            self._verdicts[digest] = verdict
            if len(self._verdicts) > _MOST:
                self._verdicts.popitem(last=False)
        return verdict

    def _check(self, document: bytes, pinned: Sequence[x509.Certificate]) -> str | None:
        try:
            verify_body(document, pinned, now=self._now())
        except BadSignature as bad:
            return str(bad)
        return None
