"""Whether a document is what its content type says. Its content is not checked."""

from __future__ import annotations

import hashlib
import json
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

from lxml import etree

from sandbox.nhif.ledger import Part

BAD_REQUEST, UNSUPPORTED = 400, 415
_MULTIPART = "multipart/form-data"
_BINARY = frozenset({"application/octet-stream", "application/pdf", "application/zip"})


def wrong_with(body: bytes, content_type: str) -> tuple[int, str] | None:
    """Return status and reason where a document cannot be read, else None."""
    media = content_type.partition(";")[0].strip().lower()
    if media.endswith(("/json", "+json")):
        return None if _is_json(body) else (BAD_REQUEST, "the document is not JSON")
    if media.endswith(("/xml", "+xml")):
        return None if _is_xml(body) else (BAD_REQUEST, "the document is not XML")
    if media == _MULTIPART:
        return (
            None if parts_of(body, content_type) else (BAD_REQUEST, "the document is not multipart/form-data")
        )
    if media in _BINARY or media.startswith("image/"):
        return None if body else (BAD_REQUEST, "the document is empty")
    return UNSUPPORTED, "documents are JSON, XML, bytes, or multipart/form-data"


def parts_of(body: bytes, content_type: str) -> list[Part] | None:
    """Read the parts of a multipart document by the standard library; None where it is none."""
    if content_type.partition(";")[0].strip().lower() != _MULTIPART:
        return None
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    if not message.is_multipart() or message.defects:
        return None
    found = [_part(part) for part in message.iter_parts() if isinstance(part, EmailMessage)]
    return None if not found or None in found else [one for one in found if one is not None]


def _part(part: EmailMessage) -> Part | None:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    if (
        part.get_content_disposition() != "form-data"
        or not isinstance(name, str)
        or not isinstance(content, bytes)
    ):
        return None
    digest = hashlib.sha256(content).hexdigest()
    return Part(name, part.get_filename(), part.get_content_type(), digest)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True


def _is_xml(body: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return root is not None and root.getroottree().docinfo.internalDTD is None
