"""Whether an answer is SHEP's own: signed by one of the pinned certificates."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from worker.signing.certificates import validity_problem
from worker.signing.wsse.verify import BadSignature, verify_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography import x509

_MOST = 1000


class Trust:
    """Checks signatures, and remembers the verdicts by the answers' digests.

    For GOST a check takes seconds of CPU where an answer is large: it is made in a thread when the answer comes, and
    reading the answer finds the verdict. The thread is our own, because look-ups of host names wait for the event
    loop's; and it is one, because each more that computes makes the event loop wait longer for its turn. Without
    certificates everybody is believed.
    """

    def __init__(self, pinned: Sequence[x509.Certificate] | None, *, now: Callable[[], datetime]) -> None:
        self._pinned = pinned
        self._now = now
        self._verdicts: OrderedDict[bytes, str | None] = OrderedDict()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kz-shep-signatures")

    def ended(self) -> str | None:
        """Say that no pinned certificate is valid now; None where one is, or none is needed."""
        if self._pinned is None:
            return None
        now = self._now()
        if any(validity_problem(one, now) is None for one in self._pinned):
            return None
        return (
            "none of SHEP's pinned certificates is valid now, so no answer could be believed; put SHEP's new one into "
            "pinned_certificates"
        )

    async def check(self, document: bytes) -> None:
        """Find the verdict on this answer in the thread, after those that came before it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.problem, document)

    def close(self) -> None:
        """End the thread after the check that it is at. Those that wait for it are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)

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
