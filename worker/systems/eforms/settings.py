"""The settings of the eForms package. What public sources leave open is a setting (docs/systems/eforms.md)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from worker.setting_types import HttpsUrl, SettingsModel, must_be
from worker.systems.ssev.settings import SsevSettings
from worker.transport.settings import TransportSettings

SystemId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""An id that eDelivery gave: of a profile or a template."""
FieldId = Annotated[
    str,
    must_be(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "the id of a template's field: a UUID in small letters, with hyphens",
    ),
]
FileName = Annotated[
    str, must_be(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "1 to 100 letters, digits and . _ -, as answer.xml")
]
FieldText = Annotated[str, Field(min_length=1, max_length=2000)]
HeaderText = Annotated[
    str, must_be(r"[!-~]([ -~]{0,998}[!-~])?", "1 to 1000 ASCII characters, without spaces around them")
]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    RESPONSE_SEND = "response.send"
    CASE_MESSAGE = "case.message"


class Requests(SettingsModel):
    """How requests for services are recognised among opened messages, and read."""

    template_ids: frozenset[SystemId] = frozenset()
    """The templates of eDelivery whose messages are requests: each is published, even if no request can be read in it.
    Empty: only the root element of an XML file or field shows a request."""
    max_specific_content_bytes: Annotated[int, Field(ge=0, le=8 * 1024 * 1024)] = 128 * 1024
    """The largest `specificContent` that a notification holds. A larger one stays in the file of the request."""


class Response(SettingsModel):
    """Where answers go in eDelivery, and by which template: the operator's data."""

    recipient_profile_id: SystemId
    """The profile that takes the answers."""
    template_id: SystemId
    """The template of the message."""
    xml_field: FieldId
    """The field, of type `file`, that takes the answer's XML."""
    documents_field: FieldId | None = None
    """The field, of type `file`, that takes the uploaded documents; where absent, that of the XML."""
    texts: dict[FieldId, FieldText] = Field(default_factory=dict)
    """The texts of further fields of the template, by the fields' ids: a template may require some. Every answer has
    the same."""
    xml_name: FileName = "ServiceRequestResponse.xml"
    """Inferred: the name of the file with the answer's XML."""


class CaseMessages(SettingsModel):
    """The platform's hook for administrations. How it is reached in production is not public."""

    url: HttpsUrl
    """The address, without `/api/admin/cases`."""
    miscinfo: HeaderText | None = None
    """The header `Dp-Miscinfo`, where Herald must send it: it names the administration by its OID, and a wrong one acts
    for somebody else. Where absent, a gateway adds it."""
    token_file: Path | None = None
    """A file that holds a token for the header `Authorization: Bearer`. How tokens are given out is not public."""
    transport: TransportSettings = TransportSettings()
    """Time limits, the largest answer, and which certificate authorities to trust, for the hook."""


class EformsSettings(SsevSettings):
    """Everything about eForms: how requests are read, who answers them, where answers go, and the hook for cases."""

    requests: Requests = Requests()
    """How requests are recognised and read."""
    response: Response | None = None
    """Where answers go. Without it `response.send` is refused."""
    case_messages: CaseMessages | None = None
    """The hook for cases. Without it `case.message` is refused."""
    schema_dir: Path | None = None
    """A folder with the platform's own schemas, in place of those that ship with Herald."""
