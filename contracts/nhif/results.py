"""The data of NHIF's accepted replies: the answer as it came, as nothing public says what is in it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import Sha256
from contracts.model import ContractModel
from contracts.nhif.fields import Reference

_Status = Annotated[int, Field(ge=200, le=299)]
_Bytes = Annotated[int, Field(ge=0)]


class Content(ContractModel):
    """The content of an answer, in exactly one of four ways."""

    json_value: Annotated[Any, Field(alias="json")] = None
    """The answer as JSON, parsed."""
    xml: str | None = None
    """XML, as it came."""
    text: str | None = None
    """Any other text, as it came."""
    base64: str | None = None
    """What is no text, in base64."""


class ServiceAnswer(ContractModel):
    """NHIF answered the read with success."""

    status: _Status
    """The HTTP status."""
    media_type: str | None = None
    """What the answer says that it is, without its parameters."""
    content: Content | None
    """What NHIF answered; null where it is empty, or too large for a reply (see `answer`). One member of
    its own, so that retention takes it as a whole."""
    bytes: _Bytes
    """Length of the answer's body."""
    sha256: Sha256
    """SHA-256 of the answer's body, hexadecimal."""


class DocumentAnswer(ContractModel):
    """NHIF answered the document with success; what it then does with it is in its answer."""

    status: _Status | None = None
    """The HTTP status; absent, as all that is of the answer, where a person settled it."""
    media_type: str | None = None
    """What the answer says that it is, without its parameters."""
    content: Content | None = None
    """What NHIF answered; null where it is empty, or too large for a reply (see `answer`). One member of
    its own, so that retention takes it as a whole."""
    bytes: _Bytes | None = None
    """Length of the answer's body."""
    sha256: Sha256 | None = None
    """SHA-256 of the answer's body, hexadecimal."""
    reference: str | None = None
    """Where a person settled it: what NHIF knows the document by."""


class StatedDocument(BaseModel):
    """What a person must state who found the document at NHIF."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: Reference
