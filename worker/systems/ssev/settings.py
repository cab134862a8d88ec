"""The settings of messages over eDelivery, in the same form for every system that sends or opens them.

What public sources leave open is a setting (docs/systems/edelivery.md).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from worker.setting_types import SettingsModel, TimeZoneName, must_be
from worker.systems.answer_settings import NOT_PROCESSED, NotProcessedStatuses, OperatorError
from worker.transport.settings import TransportSettings

GatewayPath = Annotated[
    str, must_be(r"(/[A-Za-z0-9._-]+)+", "a path that begins with / and does not end with it, as /ed2/api")
]
HostName = Annotated[
    str,
    must_be(
        r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?",
        "a host's name in small letters, with its port where that is not 443",
    ),
]
Days = Annotated[int, Field(ge=0, le=366)]
Scope = Annotated[str, must_be(r"[!-~]{1,100}", "1 to 100 ASCII characters without spaces")]


class SentRnu(StrEnum):
    """What the system does with the reference number of a message that is sent to it."""

    KEPT = "kept"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


class LookUpSettings(SettingsModel):
    """How a message whose answer was lost is looked for in the outbox."""

    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many messages one request for the outbox lists."""
    most_pages: Annotated[int, Field(ge=1, le=100)] = 10
    """How many pages one look-up reads at most. Where the outbox of the days in question has more, and the message is
    not among those that were read, a person decides."""
    most_views: Annotated[int, Field(ge=1, le=50)] = 10
    """How many messages with the same template and subject one look-up reads, to compare their recipients. Where there
    are more, a person decides."""
    wait_seconds: Annotated[float, Field(ge=0, le=3600)] = 120.0
    """For how long the system may still work on a message whose answer was lost (a gateway that gave up, a connection
    that broke). Until then Herald sends nothing again, even if the outbox does not show the message. Inferred: the
    interface states no limit."""
    sent_rnu: SentRnu = SentRnu.UNKNOWN
    """Whether the system keeps the reference number that a message is sent with. The interface's page lets clients give
    one (`kept`), but the public server of 2025 gives each message a new one (`replaced`). `unknown`: a message with the
    same template, subject and recipients, but another number, may be this one, so a person decides. `replaced`: it is
    this one where it is the only such message."""


class FileSettings(SettingsModel):
    """How files are uploaded, scanned and fetched."""

    upload_type: Annotated[str, must_be(r"[A-Za-z0-9]{1,20}", "1 to 20 letters and digits")] = "Temporary"
    """The query's `type` of an upload: a file that the system deletes by itself where no message takes it. Inferred:
    the interface's page spells it in capitals, the public server takes any case, and a public client sends `Temp`."""
    scan_seconds: Annotated[float, Field(ge=1, le=3600)] = 15.0
    """How long Herald waits between two questions for the result of a scan."""
    not_sure: Literal["refuse", "send"] = "refuse"
    """What happens with a file of which the system is not sure, or does not show, whether it has malicious code."""
    hosts: tuple[HostName, ...] = ("edelivery-blobs.egov.bg", "edelivery-test-blobs.egov.bg")
    """The hosts that received files may be fetched from, by HTTPS. An answer that names another host is not followed:
    it could lead the worker to any address of the network."""
    most_fetched: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many files of one message are fetched. The reply names the others without a file of Herald's store."""
    send_token: bool = False
    """Whether the token of the ESB is sent to these hosts too. Their links carry a token of their own (confirmed)."""
    transport: TransportSettings = TransportSettings()
    """Time limits for fetching files, and which certificate authorities to trust for these hosts."""


class SsevSettings(SettingsModel):
    """Everything about messages over eDelivery: where it is at the ESB's gateway, and what is only inferred of it."""

    senders: tuple[str, ...] = ()
    """The identities that may use it, by the name that events give as their `signer`: each shows its own certificate to
    the ESB."""
    scope: Scope = "/ed2*"
    """The scope of tokens (confirmed by public clients)."""
    api_path: GatewayPath = "/ed2/api"
    """Where the interface is at the ESB's gateway (confirmed by a public client)."""
    upload_path: GatewayPath = "/ed2/upload"
    """Where files are uploaded at the ESB's gateway (confirmed by a public client)."""
    look_up: LookUpSettings = LookUpSettings()
    """How a message whose answer was lost is looked for."""
    files: FileSettings = FileSettings()
    """How files are uploaded, scanned and fetched."""
    operator_errors: tuple[OperatorError, ...] = ()
    """Errors that only an operator can remove: such a submission fails, and can be replayed."""
    refusal_statuses: NotProcessedStatuses = frozenset({400, 422})
    """Inferred: the statuses with which the ESB's own error is a refusal of eDelivery, and not a failure on the way."""
    not_processed_statuses: NotProcessedStatuses = NOT_PROCESSED
    """Inferred: statuses by which the gateway refuses a message unread, so that sending it again is safe."""
    time_zone: TimeZoneName = "Europe/Sofia"
    """The time zone of the system's days."""
