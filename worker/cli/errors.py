"""The last net below all commands: what Kafka, PostgreSQL and the operating system raise ends in a sentence."""

from __future__ import annotations

import errno

from aiokafka.errors import KafkaError

from worker.admin.errors import ActFailed
from worker.admin.sentences import ended
from worker.journal.errors import (
    DRIVER_ERRORS,
    EncryptionNotReady,
    JournalFault,
    JournalUnavailable,
    SchemaOutdated,
)
from worker.journal.errors import sentence as of_the_journal
from worker.kafka.errors import sentence as of_kafka
from worker.kafka.publisher import NotPublished

_SAID = (ActFailed, NotPublished, JournalUnavailable, JournalFault, SchemaOutdated, EncryptionNotReady)
"""Their texts are for operators."""


def told(error: BaseException) -> str | None:
    """Say what is wrong; None for a defect, whose traceback its author needs.

    Commands say it better where they know what they were about; this is for what none of them foresaw.
    """
    if isinstance(error, KafkaError):
        return f"Kafka cannot be used: {of_kafka(error)}."
    if isinstance(error, _SAID):
        return ended(str(error))
    if isinstance(error, DRIVER_ERRORS):
        return f"The journal could not be used: {of_the_journal(error)}."
    if isinstance(error, OSError) and error.errno != errno.EPIPE:
        named = f"{error.filename}: " if error.filename else ""
        return f"{named}{error.strerror or type(error).__name__}."
    return None
