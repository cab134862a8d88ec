"""One submission as every part of the worker sees it, once its event was decoded and checked."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from contracts.derived_ids import derived_id
from contracts.immutable import immutable
from contracts.reference_number import generated
from contracts.registry import EVENT_TYPES
from contracts.submission_ref import SubmissionRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

DRAWN_NUMBER = "rnu"
"""In the progress of a submission: the reference number that its first step drew from a central generator."""


@immutable
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
    """The reference number of the service, given or generated (`contracts/reference_number.py`); None too where it is
    drawn from a central generator and the journal does not have it yet."""
    numbered: bool = False
    """Whether the number was drawn for this very submission: no other message has it."""

    @property
    def ref(self) -> SubmissionRef:
        """How replies refer to it."""
        return SubmissionRef(self.source, self.id, self.type, self.signer, self.traceparent, self.rnu)

    def with_number(self, progress: Mapping[str, str]) -> Submission:
        """Return the submission with the number that its progress has.

        One that was under way before numbers were drawn goes on with the number that it has had: it may be sent.
        """
        if (drawn := progress.get(DRAWN_NUMBER)) is not None:
            return replace(self, rnu=drawn, numbered=True)
        contract = EVENT_TYPES.get(self.type)
        if self.rnu is None and progress and contract is not None and contract.needs_rnu:
            return replace(self, rnu=generated(self.source, self.id))
        return self

    def derived_id(self, purpose: str) -> str:
        """Return a UUID unique to this event and this purpose, the same in every process."""
        return derived_id(purpose, self.source, self.id)
