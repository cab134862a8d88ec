"""Reading JSON without ambiguity, and writing each value in one form only."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 32
"""The deepest nesting of objects and arrays; the deepest contract needs 5 levels."""
MAX_PARTS = 400_000
"""The largest number of brackets, braces and commas: each costs up to 100 bytes of memory and a microsecond."""


class NotJson(Exception):
    """The text is not one unambiguous JSON document. The message states the reason and quotes nothing of the text."""


def parse(text: str) -> Any:
    """Parse one JSON document.

    Raises NotJson, also for forms that JSON libraries accept and read differently: NaN and infinity, a name twice
    in one object, half a surrogate pair. It also raises NotJson beyond `MAX_DEPTH` and `MAX_PARTS`.
    """
    opened = text.count("{") + text.count("[")
    if len(text) > MAX_PARTS and opened + text.count(",") > MAX_PARTS:
        raise NotJson(f"Write at most {MAX_PARTS} values in one document.")
    if not text or text.isspace():
        raise NotJson("Write one JSON document: the value is empty.")
    if text.startswith("\ufeff"):
        raise NotJson("Remove the byte order mark: the text begins with more of it than readers skip.")
    try:
        value = _plainly_right(text)
        if value is _DOUBTFUL:
            value = _read(text)
        # The walk costs as much as the reading, and most documents cannot need it: a level takes a bracket.
        if opened > MAX_DEPTH:
            _check_depth(value)
    except RecursionError:
        raise NotJson(f"Nest objects and arrays at most {MAX_DEPTH} deep.") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"Write one JSON document: reading stops at character {error.pos}.") from None
    except UnicodeEncodeError:
        raise NotJson("Write whole characters: an escape is half a surrogate pair.") from None
    except ValueError:
        raise NotJson("Write shorter numbers.") from None
    return value


def canonical(value: object) -> bytes:
    """Return a JSON value in its only form: sorted names, no spaces, UTF-8."""
    return _write(value)


def writer(default: Callable[[Any], Any] | None = None) -> Callable[[object], bytes]:
    """Make what writes a value in its only form; ``default`` is asked what stands for what JSON does not know.

    The form is that of `json.JSONEncoder`. orjson writes the same in a tenth of the time, but for what `_DIFFERENT`
    finds, whole numbers beyond 64 bits, and half of a surrogate pair: the last two it refuses.
    """
    encoder = json.JSONEncoder(
        sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=default
    )

    def write(value: object) -> bytes:
        try:
            text = orjson.dumps(value, default, _OPTIONS)
        except TypeError:
            return encoder.encode(value).encode()
        small = b"0.0000" in text or (b"e-" in text and _EXPONENT.search(text))
        if (small or b"null" in text) and _DIFFERENT.search(text):
            return encoder.encode(value).encode()
        return text

    return write


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_DIFFERENT = re.compile(rb"(?:^|[:,\[])(?:null|-?(?:0\.0000|[0-9.]++e-))")
"""What orjson writes for 1e-07 and 1e-05; and every null, as it may stand for a NaN or an infinity, which is refused. A
text may look like these, too, which costs only time."""
_EXPONENT = re.compile(rb"e-[0-9]++(?:[,\]}]|\Z)")
"""How a number with a negative exponent ends. Every fifth UUID has an `e-`, and goes on behind it."""
_write = writer()
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_DOUBTFUL = object()
"""What was not read: the document may be wrong, or right."""


def _plainly_right(text: str) -> Any:
    """Read a document of which it can be shown at a third of the cost that it is right; else return `_DOUBTFUL`.

    jiter refuses all that `_read` refuses, with two exceptions. Of a name that is there twice it keeps the last member:
    so what was read is written again, and where a member was lost its colon is lost. And it reads a number beyond a
    double as infinity, which is written as null. An escape in the text could make up for either.
    """
    if "\\u00" in text:
        return _DOUBTFUL
    try:
        value = from_json(text, allow_inf_nan=False, cache_strings="keys")
        written = orjson.dumps(value)
    except (ValueError, TypeError):
        return _DOUBTFUL
    lost = text.count(":") != written.count(b":")
    infinite = b"null" in written and text.count("null") != written.count(b"null")
    return _DOUBTFUL if lost or infinite else value


def _read(text: str) -> Any:
    value = _DECODER.decode(text)
    # Half a pair stands there as an escape, or in the text itself.
    if "\\u" in text and _HALF_PAIR.search(text):
        canonical(value)
    text.encode()
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("Give each name once: an object has one of its names twice.")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise NotJson("Write finite numbers: NaN and Infinity are not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("Write smaller numbers: one is beyond what a double holds.")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite)


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise RecursionError


def _inside(value: object) -> list[object]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [member for member in members if isinstance(member, (dict, list))]
