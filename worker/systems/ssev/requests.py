"""The requests of messages in steps, as far as they need no store and no token. Pure."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.systems.ssev import sending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.ssev.addresses import Addresses
    from worker.systems.ssev.outgoing import Outgoing
    from worker.systems.steps import Step

JSON = "application/json"
ACCEPT: Mapping[str, str] = MappingProxyType({"accept": JSON, "content-type": JSON})
"""The headers of every request that is no upload: the interface's page asks for both (confirmed)."""


@immutable
class Request:
    """One request: where, how, and with which body."""

    url: str = field(repr=False)
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: ACCEPT)


@immutable
class Receipt:
    """A message to open; ``forwarded`` is the one within it that is read, if it is one."""

    message_id: int
    forwarded: int | None = None

    @property
    def ids(self) -> frozenset[int]:
        """The ids under which the answer may state it."""
        return frozenset({self.message_id} if self.forwarded is None else {self.message_id, self.forwarded})


def opening_request(receipt: Receipt, addresses: Addresses) -> Request:
    """Return the request that opens a message."""
    forwarded = "" if receipt.forwarded is None else f"-forwarded/{receipt.forwarded}"
    return Request(addresses.of(f"/messages/{receipt.message_id}/open{forwarded}"))


def sending_request(
    message: Outgoing, step: Step, progress: Mapping[str, str], addresses: Addresses
) -> Request:
    """Return the request of a step of sending, uploads apart."""
    on_behalf = message.on_behalf
    if step.name == sending.TEMPLATE:
        return Request(addresses.of(f"/templates/{message.template_id}", on_behalf=on_behalf))
    if step.name == sending.SEND:
        body = sending.body_of(message, progress)
        return Request(addresses.of("/messages", on_behalf=on_behalf), "POST", body)
    blob = sending.blob_of(progress, sending.file_number(step.name))
    return Request(addresses.of(f"/blobs/{blob}", on_behalf=on_behalf))
