"""Whether a document is what its content type says. Its content is not checked."""

from __future__ import annotations

import json

from lxml import etree

BAD_REQUEST, UNSUPPORTED = 400, 415


def wrong_with(body: bytes, content_type: str) -> tuple[int, str] | None:
    """Return status and reason where a document cannot be read, else None."""
    media = content_type.partition(";")[0].strip().lower()
    if media.endswith(("/json", "+json")):
        return None if _is_json(body) else (BAD_REQUEST, "the document is not JSON")
    if media.endswith(("/xml", "+xml")):
        return None if _is_xml(body) else (BAD_REQUEST, "the document is not XML")
    return UNSUPPORTED, "documents are JSON or XML"


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
