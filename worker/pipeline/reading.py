"""Reading a record: it becomes a submission, or an invalid record with all of its problems."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.content_hash import content_hash, meaning_hash
from contracts.envelope import BadEvent, Envelope, decode, peek
from contracts.immutable import immutable
from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.reference_number import rnu_of
from contracts.registry import EVENT_TYPES, ContractViolation, classify_type, validate
from contracts.submission_ref import SubmissionRef
from worker.pipeline.authorisation import Authorisations
from worker.pipeline.contained import defect_of
from worker.pipeline.flood.causes import Sender
from worker.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from worker.pipeline.contained import Defect
    from worker.pipeline.ports import Record


log = logging.getLogger(__name__)

EVERYTHING = Authorisations()
"""Allows everything: the rule for settings without `authorisations` and bound topics."""


@immutable
class InvalidRecord:
    """A record that must not be sent. ``submission`` is None if it gets no reply.

    It gets none if its source and id are unknown, or if its source may not publish on the topic: otherwise another
    producer could use the ids of that source and write into its reply topics.
    """

    reason: Reason
    problems: tuple[Problem, ...]
    submission: SubmissionRef | None
    content_hash: bytes = field(repr=False)


class Reader:
    """Reads the records of one system's topic.

    ``today`` returns the day in the system's time zone. ``waived`` names the rules of the contracts that the settings
    switch off.
    """

    def __init__(
        self,
        system: str,
        *,
        knows_signer: Callable[[str], bool],
        today: Callable[[], date],
        max_event_bytes: int,
        waived: Collection[str] = (),
        authorisations: Authorisations = EVERYTHING,
        draws_numbers: bool = False,
    ) -> None:
        """``draws_numbers``: an event without a reference number gets none here, as the system draws it (`Numbers`)."""
        self._system = system
        self._knows_signer = knows_signer
        self._today = today
        self._max_event_bytes = max_event_bytes
        self._waived = waived
        self._authorisations = authorisations
        self._draws_numbers = draws_numbers

    def sender(self, record: Record) -> Sender:
        """Return the source and the signer that a record names, without reading the rest.

        A name that is not allowed is empty: records of another producer must not use the share of a source or signer.
        """
        if record.unreadable is not None:
            return Sender()
        try:
            source, signer = peek(record.headers, record.value, max_bytes=self._max_event_bytes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # the other records of this poll must not be lost
            defect_of("peek", error)
            return Sender()
        return self.allowed_sender(record, source or "", signer or "")

    def allowed_sender(self, record: Record, source: str, signer: str) -> Sender:
        """Return the names that count for shares and the flood guard: those that are allowed on the record's topic."""
        if not source or not self._authorisations.takes(source, record.topic):
            return Sender()
        return Sender(source, signer if self._authorisations.may_name(source, record.topic, signer) else "")

    def read(self, record: Record) -> Submission | InvalidRecord:
        """Decode a record and check it against its contract."""
        if record.unreadable is not None:
            message = (
                f"The record cannot be read ({record.unreadable}): it is still in its topic, where it was."
            )
            problem = Problem("record", Reason.UNREADABLE_RECORD.value, message)
            return InvalidRecord(Reason.UNREADABLE_RECORD, (problem,), None, b"")
        decoded = self._decoded(record)
        named = decoded.submission if isinstance(decoded, InvalidRecord) else decoded
        if named and not self._authorisations.takes(named.source, record.topic):
            return _foreign(record, named.source)
        if isinstance(decoded, InvalidRecord):
            return decoded
        try:
            return self._check(decoded, record.topic, record.key or b"")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a defect of any kind must end only this record
            return _invalid(
                decoded, unread_hash(record), Reason.DEFECT, _problem(defect_of("validate", error))
            )

    def _decoded(self, record: Record) -> Envelope | InvalidRecord:
        try:
            return decode(record.headers, record.value, record.key, max_bytes=self._max_event_bytes)
        except BadEvent as bad:
            return InvalidRecord(bad.reason, bad.problems, bad.submission, unread_hash(record))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a defect of any kind must end only this record
            return InvalidRecord(
                Reason.DEFECT, _problem(defect_of("decode", error)), None, unread_hash(record)
            )

    def _check(self, envelope: Envelope, topic: str, key: bytes) -> Submission | InvalidRecord:
        contract = EVENT_TYPES.get(envelope.type)
        verbatim = contract.verbatim if contract else frozenset()
        content = content_hash(envelope.type, envelope.signer, envelope.data_raw, verbatim, envelope.rnu)
        if self._is_astray(envelope.type):
            # The event may also be on the topic of its own system: neither may count as a duplicate of the other.
            content = hashlib.sha256(self._system.encode() + content).digest()
        if refusal := self._refuse_addressing(envelope, topic):
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
            meaning_hash=meaning_hash(envelope.type, envelope.signer, data, envelope.rnu),
            traceparent=envelope.traceparent,
            rnu=envelope.rnu if self._draws_numbers else rnu_of(envelope),
        )

    def _is_astray(self, event_type: str) -> bool:
        """Whether this is another system's event."""
        contract = EVENT_TYPES.get(event_type)
        return contract is not None and contract.system != self._system

    def _refuse_addressing(self, envelope: Envelope, topic: str) -> tuple[Reason, tuple[Problem, ...]] | None:
        """Return why this system does not accept the type or the signer, or None."""
        reason = classify_type(envelope.type)
        if self._is_astray(envelope.type):
            reason = Reason.UNKNOWN_TYPE
        if reason is not None:
            message = f"Publish a type of the system {self._system} that the contracts list."
            return reason, (Problem("$.type", reason.value, message),)
        operation = EVENT_TYPES[envelope.type].operation
        # This check comes before the check that the signer exists: nobody can find out the signers of others by trying.
        if not self._authorisations.allows(envelope.source, topic, envelope.signer, operation):
            message = (
                f"Name a signer that this source may use for {operation}, or ask the operator to allow it."
            )
            return Reason.SIGNER_NOT_ALLOWED, (Problem("$.signer", Reason.SIGNER_NOT_ALLOWED.value, message),)
        if not self._knows_signer(envelope.signer):
            message = f"Name a signer that is configured for the system {self._system}."
            return Reason.UNKNOWN_SIGNER, (Problem("$.signer", Reason.UNKNOWN_SIGNER.value, message),)
        return None


def defective(submission: Submission, defect: Defect) -> InvalidRecord:
    """Return the invalid record for a submission that a defect ends before its preparation."""
    return InvalidRecord(Reason.DEFECT, _problem(defect), submission.ref, submission.content_hash)


def sender_of(read: Submission | InvalidRecord) -> Sender:
    """Return whom a record that was read names as its sender."""
    named = read if isinstance(read, Submission) else read.submission
    if named and isinstance(read, InvalidRecord) and read.reason is Reason.SIGNER_NOT_ALLOWED:
        return Sender(named.source)  # what others name must not count for the signer
    return Sender(named.source, named.signer or "") if named else Sender()


def _foreign(record: Record, source: str) -> InvalidRecord:
    """Refuse an event of a source that may not publish on the topic. None of its attributes is used."""
    told = {"topic": record.topic, "submission_source": source}
    log.warning("an event names a source that may not publish on its topic", extra=told)
    reason = Reason.SOURCE_NOT_ALLOWED
    message = "Publish it on the topic of its source: the settings do not let this source publish here."
    return InvalidRecord(reason, (Problem("$.source", reason.value, message),), None, unread_hash(record))


def _problem(defect: Defect) -> tuple[Problem, ...]:
    return (Problem("$", Reason.DEFECT.value, f"Nothing is wrong with the event: {defect}."),)


def unread_hash(record: Record) -> bytes:
    """Return the content hash of a record that cannot be decoded."""
    return hashlib.sha256(record.value or b"").digest()


def _invalid(
    envelope: Envelope, content: bytes, reason: Reason, problems: tuple[Problem, ...]
) -> InvalidRecord:
    submission = SubmissionRef(
        envelope.source, envelope.id, envelope.type, envelope.signer, envelope.traceparent, rnu_of(envelope)
    )
    return InvalidRecord(reason, problems, submission, content)
