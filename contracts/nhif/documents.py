"""The documents that are no JSON and no XML: bytes, and several documents in one request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.model import ContractModel, ways
from contracts.nhif.fields import LARGEST_DOCUMENT, Base64, FileName, MediaType, PartName

PART_WAYS = ("base64", "text", "json", "xml")
"""How a part has its content; exactly one of them."""


class BinaryDocument(ContractModel):
    """A document of bytes, as a PDF."""

    base64: Base64
    """The bytes in base64."""
    media_type: MediaType | None = None
    """What they are, as `application/pdf`; `application/octet-stream` where it is absent and the catalogue says nothing
    else."""


class DocumentPart(ContractModel):
    """One part of a multipart document (`multipart/form-data`): its content in exactly one of four ways."""

    # What the rule `one-way` checks.
    model_config = ways("oneOf", "DocumentPart", *PART_WAYS)

    name: PartName
    """The part's name."""
    file_name: FileName | None = None
    """The name of the file that it is, where it is one."""
    media_type: MediaType | None = None
    """What it is; where absent `application/octet-stream`, `text/plain`, `application/json` or `application/xml`, by
    the way in which its content is given."""
    base64: Base64 | None = None
    """Bytes in base64."""
    text: Annotated[str, StringConstraints(max_length=LARGEST_DOCUMENT)] | None = None
    """A text, sent in UTF-8."""
    json_body: Annotated[Any, Field(alias="json")] = None
    """Any JSON value, sent in UTF-8 and without spaces."""
    xml: Annotated[str, StringConstraints(min_length=1)] | None = None
    """XML in UTF-8, sent as it is."""
