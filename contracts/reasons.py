"""Why something went wrong: one stable code each, for dead letters, failed and held replies, and logs."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Reason(StrEnum):
    """A reason code. It never changes its meaning; the sentence that goes with it may be reworded."""

    # --- The event: it was never sent. The hospital corrects it and publishes it under a new id. ---

    # The record breaks Kafka's own format (a header whose name is not UTF-8). Its dead letter says where it lies and
    # holds nothing of it. The sender fixes its Kafka client and publishes the event again.
    UNREADABLE_RECORD = "unreadable-record"
    # The record has no value (a tombstone). The sender publishes the event itself.
    NULL_VALUE = "null-value"
    # The value is larger than the configured limit. The sender shortens it, or the operator raises the limit.
    TOO_LARGE = "too-large"
    # The value or a CloudEvents header is not UTF-8. The sender sets its encoding.
    NOT_UTF8 = "not-utf8"
    # The value is not one JSON document (or holds NaN, a name twice, or is nested too deeply). The sender
    # serialises it with a JSON library.
    NOT_JSON = "not-json"
    # The record is not a CloudEvent 1.0 with source, id, type and signer. The sender adds what is named.
    NOT_A_CLOUDEVENT = "not-a-cloudevent"
    # No contract has this event type. The sender corrects it; the operator checks Herald's version.
    UNKNOWN_TYPE = "unknown-type"
    # The type is known, in another version; or CloudEvents itself is in another version. The sender uses v1.
    UNSUPPORTED_VERSION = "unsupported-version"
    # The record has no Kafka key, so its order is undefined. The sender sets the patient's key.
    MISSING_KEY = "missing-key"
    # The signer is not configured for this system. The sender corrects it, or the operator adds the signer.
    UNKNOWN_SIGNER = "unknown-signer"
    # The settings do not let this source use this signer, or this operation with it. The operator allows it and replays
    # it, or the sender corrects the signer.
    SIGNER_NOT_ALLOWED = "signer-not-allowed"
    # The settings do not let this source publish on this topic, so the event may be somebody else's: it gets no reply.
    # The operator finds out who wrote it, and replays it if the settings were wrong.
    SOURCE_NOT_ALLOWED = "source-not-allowed"
    # The data breaks the contract of its type. The sender corrects the fields that the problems name.
    CONTRACT_VIOLATION = "contract-violation"
    # A code is not in the system's list. The sender corrects it; the operator pulls the lists if stale.
    UNKNOWN_CODE = "unknown-code"
    # The message made from the event does not fit the system's XSD. The problems say where; if the contract
    # allows it, the operator reports it: contract and schema disagree.
    SCHEMA_VIOLATION = "schema-violation"
    # An earlier event with this source and id has other content and remains valid. The sender uses a new id.
    CONFLICT = "conflict"

    # --- The outcome: an obstacle remains; the operator removes it, then replays the dead letter. ---

    # The submission may or may not have been processed, and Herald must not send it again unasked. A person looks it
    # up in the system, and the operator settles it by what is there.
    OUTCOME_UNKNOWN = "outcome-unknown"
    # The system took the submission and gave no answer in the time that the settings allow. The operator asks the
    # system's support by the reference; held: settles it by what is there; failed: replays it, which sends it again.
    ANSWER_OVERDUE = "answer-overdue"
    # The system took the submission, and now says that it knows nothing of it. The operator does the same.
    ANSWER_LOST = "answer-lost"
    # A person looked the submission up in the system: it is not there. The operator replays it, which sends it.
    SETTLED_NOT_SENT = "settled-not-sent"
    # The submission was certainly not processed, in any of its attempts. The operator replays it when the cause is
    # gone.
    RETRIES_EXHAUSTED = "retries-exhausted"
    # The system refuses the signer (403, or a certificate it does not accept). The operator checks which
    # certificate signed and which one got the token.
    ACCESS_DENIED = "access-denied"
    # The system knows no such address (404). The operator corrects the configured path or version.
    NOT_FOUND = "not-found"
    # The system has not done a step of the submission (a malware scan) in the time that the settings allow for retries.
    # The operator asks its support, then replays it, which begins at the first step.
    STEP_NOT_DONE = "step-not-done"
    # The file that is to be sent is not in the file store (any more): it expired, was erased, or is another source's.
    # The sender uploads it again and publishes the event under a new id.
    NO_SUCH_FILE = "no-such-file"
    # A file of the system's answer is larger than the file store takes. The operator raises files.max_file_bytes.
    FILE_TOO_LARGE = "file-too-large"
    # The system finds the message too large (413). The sender sends less; the operator asks its support.
    REQUEST_TOO_LARGE = "request-too-large"
    # The system answered with something that cannot be read. The operator looks at the evidence.
    UNREADABLE_ANSWER = "unreadable-answer"
    # The system answered with another message than the request has. The operator looks at the evidence.
    UNEXPECTED_MESSAGE = "unexpected-message"
    # The signing key cannot be used (locked, absent, of another certificate). The operator fixes the key.
    SIGNING_FAILED = "signing-failed"
    # The signer's certificate has expired, is not valid yet, or is revoked. The operator renews it.
    CERTIFICATE_NOT_VALID = "certificate-not-valid"
    # A setting is wrong in a way that shows only in use. The operator corrects the configuration.
    CONFIGURATION = "configuration"

    # Herald itself failed at it, however often tried, and nothing of it was processed. The operator reports it with the
    # log lines that name its submission, and replays it after an update.
    DEFECT = "defect"

    # --- Temporary: seen in logs and between attempts; alone it never ends a submission. ---

    # Nothing listens at the system's address.
    CONNECTION_REFUSED = "connection-refused"
    # The system's name has no address.
    DNS_FAILURE = "dns-failure"
    # No TLS connection: a certificate is refused, by us or by them.
    TLS_FAILURE = "tls-failure"
    # The connection was not made in time; nothing was sent.
    CONNECT_TIMEOUT = "connect-timeout"
    # The request was sent and no answer came in time.
    ANSWER_TIMEOUT = "answer-timeout"
    # The connection broke before an answer began.
    CONNECTION_LOST = "connection-lost"
    # The answer broke off.
    ANSWER_BROKEN = "answer-broken"
    # The system asks for fewer requests (429).
    TOO_MANY_REQUESTS = "too-many-requests"
    # The system, or a gateway before it, is not available (502, 503, 504).
    UNAVAILABLE = "unavailable"
    # The system failed at our request (500).
    SERVER_ERROR = "server-error"
    # A register behind the system did not answer it; the system itself works.
    REGISTER_UNAVAILABLE = "register-unavailable"
    # Herald's own file store is unavailable.
    FILE_STORE_UNAVAILABLE = "file-store-unavailable"
    # A file arrived with other content than the system stated, or could not be read from the store as it was written.
    FILE_DIFFERS = "file-differs"
    # The system no longer takes the token (401); a new one is fetched.
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - a code, not a secret
    # No token could be obtained.
    TOKEN_UNAVAILABLE = "token-unavailable"  # noqa: S105 - a code, not a secret


_WAIT = "No action is needed: Herald tries again."

ADVICE: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.UNREADABLE_RECORD: "Give the record's headers UTF-8 names and publish the event under a new id.",
        Reason.NULL_VALUE: "Publish the event with its content under a new id: this record has no value.",
        Reason.TOO_LARGE: "Publish a smaller event under a new id, or ask the operator to raise the limit.",
        Reason.NOT_UTF8: "Encode the value and the ce_ headers as UTF-8 and publish the event under a new id.",
        Reason.NOT_JSON: "Send the value as one JSON document and publish the event under a new id.",
        Reason.NOT_A_CLOUDEVENT: "Publish it under a new id as a CloudEvent 1.0, with the listed attributes.",
        Reason.UNKNOWN_TYPE: "Publish it under a new id with another type: no contract has this type.",
        Reason.UNSUPPORTED_VERSION: "Publish it under a new id with the type's published version, as CloudEvents 1.0.",
        Reason.MISSING_KEY: "Publish it under a new id with a Kafka key, which orders a patient's events.",
        Reason.UNKNOWN_SIGNER: "Publish it under a new id with a configured signer, or ask for this one.",
        Reason.SIGNER_NOT_ALLOWED: "Publish it under a new id with an allowed signer, or ask for the right to it.",
        Reason.SOURCE_NOT_ALLOWED: "Publish it on the topic of its source; the operator finds out who wrote it here.",
        Reason.CONTRACT_VIOLATION: "Correct the listed fields and publish the event under a new id.",
        Reason.UNKNOWN_CODE: "Publish it with correct codes under a new id; if the lists are old, ask the operator.",
        Reason.SCHEMA_VIOLATION: "Correct the listed errors under a new id; report them if the contract allows them.",
        Reason.CONFLICT: "Publish it under a new id: an earlier event with this id has other content.",
        Reason.OUTCOME_UNKNOWN: "Look it up in the national system; the operator settles it. Publish no new event.",
        Reason.ANSWER_OVERDUE: "The operator asks the national system for the answer; publish no new event.",
        Reason.ANSWER_LOST: "The operator asks the national system what became of it; publish no new event.",
        Reason.SETTLED_NOT_SENT: "It was not processed: the operator replays it; do not publish a new event.",
        Reason.RETRIES_EXHAUSTED: "It was not processed: the operator replays it later; do not publish a new event.",
        Reason.ACCESS_DENIED: "The operator corrects the signer's access and replays it; do not publish a new event.",
        Reason.NOT_FOUND: "The operator corrects the operation's address and replays it; do not publish a new event.",
        Reason.STEP_NOT_DONE: "The operator asks the national system's support, then replays it; publish no new event.",
        Reason.NO_SUCH_FILE: "Upload the file again and publish the event under a new id: it is no longer kept.",
        Reason.FILE_TOO_LARGE: "The operator raises files.max_file_bytes and replays it; do not publish a new event.",
        Reason.REQUEST_TOO_LARGE: "Publish less data under a new id: the message is too large for the national system.",
        Reason.UNREADABLE_ANSWER: "The operator reads the answer, then replays it; do not publish a new event.",
        Reason.UNEXPECTED_MESSAGE: "The operator reads the answer, then replays it; do not publish a new event.",
        Reason.SIGNING_FAILED: "The operator corrects the signer's key and replays it; do not publish a new event.",
        Reason.CERTIFICATE_NOT_VALID: "The operator renews the certificate and replays it; do not publish a new event.",
        Reason.CONFIGURATION: "The operator corrects the setting and replays it; do not publish a new event.",
        Reason.DEFECT: "The operator reports the defect, updates Herald and replays it; do not publish a new event.",
        Reason.CONNECTION_REFUSED: _WAIT,
        Reason.DNS_FAILURE: _WAIT,
        Reason.TLS_FAILURE: _WAIT,
        Reason.CONNECT_TIMEOUT: _WAIT,
        Reason.ANSWER_TIMEOUT: _WAIT,
        Reason.CONNECTION_LOST: _WAIT,
        Reason.ANSWER_BROKEN: _WAIT,
        Reason.TOO_MANY_REQUESTS: _WAIT,
        Reason.UNAVAILABLE: _WAIT,
        Reason.SERVER_ERROR: _WAIT,
        Reason.REGISTER_UNAVAILABLE: _WAIT,
        Reason.FILE_STORE_UNAVAILABLE: _WAIT,
        Reason.FILE_DIFFERS: _WAIT,
        Reason.TOKEN_REFUSED: _WAIT,
        Reason.TOKEN_UNAVAILABLE: _WAIT,
    }
)
"""By reason: what the reader of a reply or dead letter does about it, in one plain sentence."""
