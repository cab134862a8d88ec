"""SyncChannel v10: the structure of SendMessage, read into the fields that the gateway acts on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.kz_shep.errors import FORMAT, Refused
from sandbox.kz_shep.names import TYPES
from sandbox.kz_shep.sequence import Field, check, text_of

if TYPE_CHECKING:
    from sandbox.kz_shep.soap import Element

SEND_MESSAGE = f"{{{TYPES}}}SendMessage"
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_KEY_LENGTH, _VALUE_LENGTH = 30, 500
_MICROSECONDS = 6


@dataclass(frozen=True, slots=True)
class SyncMessage:
    """The content of one SendMessage; ``data`` is as it came, or None where there is none."""

    correlation_id: str | None
    service: str
    sender: str
    password: str = field(repr=False)
    data: Element | None = field(repr=False)


def read(body: Element) -> SyncMessage:
    """Read the Body's only child. Raises Refused (SCE001) for any other structure than the XSD's."""
    children = list(body.iterchildren(etree.Element))
    if [child.tag for child in children] != [SEND_MESSAGE]:
        raise Refused(FORMAT, f"Body должен содержать один элемент SendMessage из {TYPES}.")
    check(children[0], (_REQUEST,), "SendMessage")
    return read_loosely(children[0])


def read_loosely(send_message: Element) -> SyncMessage:
    """Return what is there of a SendMessage, whatever its structure."""

    def text(name: str) -> str:
        return text_of(send_message, f"request/requestInfo/{name}") or ""

    return SyncMessage(
        correlation_id=text("correlationId") or None,
        service=text("serviceId"),
        sender=text("sender/senderId"),
        password=text("sender/password"),
        data=send_message.find("request/requestData/data"),
    )


def is_date_time(text: str) -> bool:
    """Whether the text is an xs:dateTime that exists, with an offset."""
    text = text.strip()
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return False
    fraction = found[1] or ""
    try:
        datetime.fromisoformat(text.replace(fraction, fraction[: _MICROSECONDS + 1]))
    except ValueError:
        return False
    return True


_REQUEST = Field(
    "request",
    (
        Field(
            "requestInfo",
            (
                Field("messageId"),
                Field("correlationId", minimum=0),
                Field("serviceId"),
                Field("messageDate", allowed=is_date_time),
                Field("routeId", minimum=0),
                Field("sender", (Field("senderId"), Field("password", minimum=0))),
                Field(
                    "properties",
                    (
                        Field("key", allowed=lambda text: len(text) <= _KEY_LENGTH),
                        Field("value", allowed=lambda text: len(text) <= _VALUE_LENGTH),
                    ),
                    minimum=0,
                    maximum=1000,
                ),
                Field("sessionId", minimum=0, allowed=lambda text: _GUID.fullmatch(text) is not None),
            ),
        ),
        Field("requestData", (Field("data", minimum=0, anything=True),)),
    ),
)
