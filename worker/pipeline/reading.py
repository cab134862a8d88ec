"""From a record to a submission, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.content_hash import content_hash, meaning_hash
from contracts.envelope import BadEvent, Envelope, decode, peek
from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES, ContractViolation, classify_type, validate
from contracts.submission_ref import SubmissionRef
from worker.pipeline.contained import defect_of
from worker.pipeline.flood.causes import Sender
from worker.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from worker.pipeline.contained import Defect
    from worker.pipeline.ports import Record


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """A record that must not be sent. ``submission`` is None where its source and id are unknown: no reply then."""

    reason: Reason
    problems: tuple[Problem, ...]
    submission: SubmissionRef | None
    content_hash: bytes = field(repr=False)


class Reader:
    """Reads the records of one system's topic.

    ``today`` is the day in the system's own time zone; ``waived`` names the contracts' rules that are switched off.
    """

    def __init__(
        self,
        system: str,
        *,
        knows_signer: Callable[[str], bool],
        today: Callable[[], date],
        max_event_bytes: int,
        waived: Collection[str] = (),
    ) -> None:
        self._system = system
        self._knows_signer = knows_signer
        self._today = today
        self._max_event_bytes = max_event_bytes
        self._waived = waived

    def sender(self, record: Record) -> Sender:
        """Return whom a record names as its source and signer, without reading the rest."""
        if record.unreadable is not None:
            return Sender()
        try:
            source, signer = peek(record.headers, record.value, max_bytes=self._max_event_bytes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # the other records of the same poll must not be lost
            defect_of("peek", error)
            return Sender()
        return Sender(source, signer or "") if source else Sender()

    def read(self, record: Record) -> Submission | InvalidRecord:
        """Decode a record and check it against its contract."""
        if record.unreadable is not None:
            message = (
                f"The record cannot be read ({record.unreadable}): it is still in its topic, where it was."
            )
            problem = Problem("record", Reason.UNREADABLE_RECORD.value, message)
            return InvalidRecord(Reason.UNREADABLE_RECORD, (problem,), None, b"")
        try:
            envelope = decode(record.headers, record.value, record.key, max_bytes=self._max_event_bytes)
        except BadEvent as bad:
            return InvalidRecord(bad.reason, bad.problems, bad.submission, unread_hash(record))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a defect may be of any kind, and must stop this record alone
            return InvalidRecord(
                Reason.DEFECT, _problem(defect_of("decode", error)), None, unread_hash(record)
            )
        try:
            return self._check(envelope, record.key or b"")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # the same
            return _invalid(
                envelope, unread_hash(record), Reason.DEFECT, _problem(defect_of("validate", error))
            )

    def _check(self, envelope: Envelope, key: bytes) -> Submission | InvalidRecord:
        contract = EVENT_TYPES.get(envelope.type)
        verbatim = contract.verbatim if contract else frozenset()
        content = content_hash(envelope.type, envelope.signer, envelope.data_raw, verbatim)
        if self._is_astray(envelope.type):
            # The same event may also come in its own system's topic: neither must count as a duplicate of the other.
            content = hashlib.sha256(self._system.encode() + content).digest()
        if refusal := self._refuse_addressing(envelope):
            return _invalid(envelope, content, *refusal)
        try:
            data = validate(envelope.type, envelope.data_raw, today=self._today(), waived=self._waived)
        except ContractViolation as violation:
            return _invalid(envelope, content, Reason.CONTRACT_VIOLATION, violation.problems)
        return Submission(
            source=envelope.source,
            id=envelope.id,
            type=envelope.type,
            system=self._system,
            operation=EVENT_TYPES[envelope.type].operation,
            signer=envelope.signer,
            key=key,
            data=data,
            content_hash=content,
            meaning_hash=meaning_hash(envelope.type, envelope.signer, data),
            traceparent=envelope.traceparent,
        )

    def _is_astray(self, event_type: str) -> bool:
        """Whether this is another system's event."""
        contract = EVENT_TYPES.get(event_type)
        return contract is not None and contract.system != self._system

    def _refuse_addressing(self, envelope: Envelope) -> tuple[Reason, tuple[Problem, ...]] | None:
        """Say why this type or signer cannot be served here."""
        reason = classify_type(envelope.type)
        if self._is_astray(envelope.type):
            reason = Reason.UNKNOWN_TYPE
        if reason is not None:
            message = f"Publish a type of the system {self._system} that the contracts list."
            return reason, (Problem("$.type", reason.value, message),)
        if not self._knows_signer(envelope.signer):
            message = f"Name a signer that is configured for the system {self._system}."
            return Reason.UNKNOWN_SIGNER, (Problem("$.signer", Reason.UNKNOWN_SIGNER.value, message),)
        return None


def defective(submission: Submission, defect: Defect) -> InvalidRecord:
    """Return a placeholder for a submission that a defect ends before its preparation."""
    ref = SubmissionRef(
        submission.source, submission.id, submission.type, submission.signer, submission.traceparent
    )
    return InvalidRecord(Reason.DEFECT, _problem(defect), ref, submission.content_hash)


def _problem(defect: Defect) -> tuple[Problem, ...]:
    return (Problem("$", Reason.DEFECT.value, f"Nothing is wrong with the event: {defect}."),)


def unread_hash(record: Record) -> bytes:
    """Return the content hash of a record that cannot be decoded."""
    return hashlib.sha256(record.value or b"").digest()


def _invalid(
    envelope: Envelope, content: bytes, reason: Reason, problems: tuple[Problem, ...]
) -> InvalidRecord:
    submission = SubmissionRef(
        envelope.source, envelope.id, envelope.type, envelope.signer, envelope.traceparent
    )
    return InvalidRecord(reason, problems, submission, content)
