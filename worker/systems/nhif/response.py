"""The answers of NHIF as they came: which form they have, and the data of the reply. Pure and total."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.strict_json import NotJson
from worker.systems import json_answer
from worker.text_encoding import text_of
from worker.xml import safe
from worker.xml.answer import parse_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.transport.port import Answer

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Possessive quantifiers keep the search linear, whatever the body.
_HTML = re.compile(
    r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
_DEEPEST = 255


class Form(StrEnum):
    """What a body is."""

    EMPTY = "empty"
    JSON = "json"
    XML = "xml"
    HTML = "html"
    TEXT = "text"
    BINARY = "binary"
    BROKEN = "broken"
    """The content type says JSON or XML, and the body is neither."""


@immutable
class Content:
    """A body as it was read. ``text`` is None for what is no text; ``value`` is that of JSON."""

    form: Form
    media_type: str | None
    text: str | None = field(default=None, repr=False)
    value: Any = field(default=None, repr=False)


def read(answer: Answer) -> Content:
    """Tell the form of a body, by its content type and then by its bytes."""
    media = _media_type(answer.headers)
    if not answer.body:
        return Content(Form.EMPTY, media)
    text = text_of(answer.body, answer.charset)
    if text is None:
        return Content(Form.BROKEN if _is_structured(media) else Form.BINARY, media)
    if media in _HTML_TYPES or _HTML.match(text):
        return Content(Form.HTML, media, text)
    otherwise = Content(Form.BROKEN if _is_structured(media) else Form.TEXT, media, text)
    return _json(text, media) or _xml(answer, text, media) or otherwise


def reply_data(answer: Answer, content: Content) -> Mapping[str, Any]:
    """Return the data of the accepted reply."""
    told: dict[str, Any] = {"status": answer.status}
    if content.media_type is not None:
        told["mediaType"] = content.media_type
    return {
        **told,
        "content": _told(content, answer.body),
        "bytes": len(answer.body),
        "sha256": hashlib.sha256(answer.body).hexdigest(),
    }


def _told(content: Content, body: bytes) -> Mapping[str, Any] | None:
    match content.form:
        case Form.JSON:
            return {"json": content.value}
        case Form.XML:
            return {"xml": content.text}
        case Form.BINARY:
            return {"base64": base64.b64encode(body).decode()}
        case Form.EMPTY:
            return None
    return {"text": content.text}


def _media_type(headers: Mapping[str, str]) -> str | None:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media if _MEDIA_TYPE.fullmatch(media) else None


def _is_structured(media: str | None) -> bool:
    return media is not None and media.endswith(("/json", "+json", "/xml", "+xml"))


def _is_json(media: str | None) -> bool:
    return media is not None and media.endswith(("/json", "+json"))


def _json(text: str, media: str | None) -> Content | None:
    """Read JSON; where nothing says that it is JSON, only an object or a list counts: 17 is a text too."""
    if not _is_json(media) and not json_answer.content_of(text).startswith(("{", "[")):
        return None
    try:
        return Content(Form.JSON, media, text, json_answer.parse(text))
    except NotJson:
        return None


def _xml(answer: Answer, text: str, media: str | None) -> Content | None:
    if not text.lstrip().startswith("<"):
        return None
    try:
        parse_answer(answer.body, answer.charset, max_bytes=len(answer.body), max_depth=_DEEPEST)
    except safe.RefusedXml:
        return None
    return Content(Form.XML, media, text)
