"""The encoding of an answer's bytes, by the bytes themselves, else the header, else their declaration. Pure."""

from __future__ import annotations

import codecs
import re
from itertools import chain

UTF_8 = "utf-8"
_CHARSET = re.compile(r"""[;\s]charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.IGNORECASE)
_DECLARED = re.compile(
    rb"""<\?xml\s[^<>]{0,200}?\sencoding\s*=\s*["']\s*([\w.:+-]{1,40})\s*["']""", re.IGNORECASE
)
# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML and JSON begin with one of these, white space aside; where the zeros stand beside it tells the units.
_SHAPES = tuple(
    (re.compile(rb"(?:%b[ \t\r\n]%b)*+%b[<{\[\"]%b" % (before, after, before, after)), codec)
    for before, after, codec in (
        (rb"\0\0\0", b"", "utf-32-be"),
        (b"", rb"\0\0\0", "utf-32-le"),
        (rb"\0", b"", "utf-16-be"),
        (b"", rb"\0", "utf-16-le"),
    )
)
_WIDE = re.compile(r"utf-?(?:16|32)|ucs-?[24]|unicode$|iso-?10646", re.IGNORECASE)
_CODE_PAGE = re.compile(r"(?:x|ms)?(?:cp|win|windows|ibm|ansi)(\d{3,4})")
_SINGLE = re.compile(
    r"cp(?:125[0-8]|1125|437|737|775|8(?:50|52|55|58|65|66|69))|iso8859-\d\d?|koi8-[rtu]|mac-[a-z]+|ptcp154|kz1048"
)
"""Python's names of the encodings of one byte for a character that an answer may be in."""
_BY_DEFAULT = frozenset({"iso8859-1", "cp1252"})
# Names that Python does not know, or that promise less than the bytes are: UTF-8 includes ASCII.
_ALIASES = {
    **dict.fromkeys(("ascii", "usascii", "iso646us", "ansix341968"), UTF_8),
    **dict.fromkeys(("utf8mb4", "unicode11utf8", "xunicode20utf8"), UTF_8),
    "xmaccyrillic": "mac-cyrillic",
}  # fmt: skip


def charset_in(content_type: str) -> str | None:
    """Return the charset that a Content-Type names, as it is written there."""
    found = _CHARSET.search(content_type)
    return found[1] if found else None


def codec_of(name: str) -> str | None:
    """Return Python's name of an encoding whose units are bytes; None for one that is unknown or wide."""
    plain = re.sub(r"[\W_]", "", name.lower())
    page = _CODE_PAGE.fullmatch(plain)
    try:
        found = codecs.lookup(_ALIASES.get(plain) or (f"cp{page[1]}" if page else name))
    except LookupError:
        return None
    return found.name if found.name == UTF_8 or _SINGLE.fullmatch(found.name) else None


def encoding_of(data: bytes, charset: str | None) -> str | None:
    """Return the codec by which the bytes can be read; None where there is none.

    What the bytes themselves show goes before what is said of them. A byte order mark and zeros between characters
    cannot lie. Bytes that are valid UTF-8 are UTF-8, whatever the header or a declaration says: text in an encoding of
    one byte for a character is practically never valid UTF-8, and servers state charsets without regard to the bytes.
    Of other bytes, the header's charset counts, then what an XML declaration says (RFC 7303, 3.2); the first that they
    are valid in. A wide encoding that is named for bytes that are none says nothing: frameworks that serialise to a
    string declare `utf-16`. Servers add the charset ISO-8859-1 by default, and any bytes are valid in it, so it counts
    after the declaration.
    """
    if (certain := _by_bytes(data)) is not None:
        return certain if _fits(data, certain) else None
    if _fits(data, UTF_8):
        return UTF_8
    declared = _DECLARED.match(data.lstrip())
    names = (charset, declared[1].decode("ascii", "replace") if declared else None)
    named = [codec_of(name) for name in names if name is not None and not _WIDE.match(name)]
    if named and named[0] in _BY_DEFAULT:
        named = [*named[1:], named[0]]
    return next((one for one in named if one is not None and _fits(data, one)), None)


def text_of(data: bytes, charset: str | None) -> str | None:
    """Return the text without its byte order mark; None where no encoding fits."""
    codec = encoding_of(data, charset)
    return None if codec is None else data.decode(codec).removeprefix("\ufeff")


def _by_bytes(data: bytes) -> str | None:
    # Every mark and shape shows in the first two bytes; nearly all answers begin with two ASCII characters instead.
    if data[:1] < b"\x80" and b"\0" not in data[:2]:
        return None
    by_mark = (codec for mark, codec in _MARKS if data.startswith(mark))
    by_shape = (codec for shape, codec in _SHAPES if shape.match(data))
    return next(chain(by_mark, by_shape), None)


def _fits(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
