"""The data of the two NHIF events: which service, and what it is given.

Which services there are, and what each takes, is the operator's catalogue; the contract says only what holds for
all of them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.fields import at_most
from contracts.model import ContractModel, ways
from contracts.nhif.documents import BinaryDocument, DocumentPart
from contracts.nhif.fields import MOST_PARTS, Parameters, PathName

WAYS = ("json", "xml", "binary", "multipart")
"""How a document is given; exactly one of them."""


class _Service(ContractModel):
    module: PathName
    """The module that provides the service, e.g. `pspsmi`."""
    version: PathName
    """The version of the service, e.g. `v1.2`."""
    service: PathName
    """The service, e.g. `PBR001`."""


class ReadService(_Service):
    """Read a list or a report of NHIF (GET). The operator's catalogue says which services there are."""

    parameters: Parameters = None
    """By name, as the catalogue has them: texts, numbers, true or false. They become parts of the path in the
    catalogue's order, or of the query, as the catalogue says."""


class SubmitDocument(_Service):
    """Submit an electronic request or document to NHIF (POST): `json`, `xml`, `binary` or `multipart`, exactly one."""

    model_config = ways("oneOf", "SubmitDocument", *WAYS)

    json_body: Annotated[Any, Field(alias="json")] = None
    """The document as JSON, whatever the service takes; sent as it is, in UTF-8 and without spaces. Numbers are
    doubles: what needs more digits is a text."""
    xml: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The document as XML in UTF-8; sent as it is, byte for byte."""
    binary: BinaryDocument | None = None
    """A document of bytes, in base64: at most 8 MiB."""
    multipart: (
        Annotated[tuple[DocumentPart, ...], Field(min_length=1, max_length=MOST_PARTS), at_most(MOST_PARTS)]
        | None
    ) = None
    """Several documents in one request, in their order: at most 8 MiB together."""
