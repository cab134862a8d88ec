"""One submission as every part of the worker sees it, once its event was decoded and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from contracts.submission_ref import SubmissionRef

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Submission:
    """A decoded, contract-checked submission event.

    ``source`` and ``id`` are its identity (CloudEvents). ``content_hash`` distinguishes a duplicate from a conflict:
    it covers type, signer and data, not the transport. ``meaning_hash`` covers what the contract read from them.
    """

    source: str
    id: str
    type: str
    system: str
    operation: str
    signer: str
    key: bytes = field(repr=False)
    data: BaseModel = field(repr=False)
    content_hash: bytes = field(repr=False)
    meaning_hash: bytes = field(repr=False)
    traceparent: str | None = None
    rnu: str | None = None
    """The reference number of the service, given or generated (`contracts/reference_number.py`)."""

    @property
    def ref(self) -> SubmissionRef:
        """How replies refer to it."""
        return SubmissionRef(self.source, self.id, self.type, self.signer, self.traceparent, self.rnu)

    def derived_id(self, purpose: str) -> str:
        """Return a UUID unique to this event and this purpose, the same in every process."""
        # As JSON: plain joining would give two submissions one id when a source ends as the other's id begins.
        return str(uuid5(NAMESPACE_URL, json.dumps([purpose, self.source, self.id])))
