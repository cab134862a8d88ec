"""What one circuit is about, and the log lines that say so."""

from __future__ import annotations

import contextvars
import logging

from contracts.immutable import immutable

log = logging.getLogger(__name__)


@immutable
class Scope:
    """A system, or one signer of it."""

    system: str
    signer: str | None = None

    def log(self, level: int, message: str, **fields: object) -> None:
        """Log outside the context of the submission whose exchange led to this: it is about all of them."""
        own = {"system": self.system} | ({"signer": self.signer} if self.signer is not None else {})
        contextvars.Context().run(log.log, level, message, extra={**own, **fields})
