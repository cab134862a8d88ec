"""Structured logs on standard error, one line an entry, without health data whatever is logged.

Three rules ensure that: of `extra` only the names in FIELDS are written; of an exception the type and where it came
from are written, and the text only where the type is Herald's own; and a library's entry about an exception loses its
text too, because libraries put the exception's text into it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

import orjson

from worker.observability.traceback_places import places_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

Field: TypeAlias = str | int | float | bool | None

FIELDS = frozenset({
    "asks", "attempt", "attempts", "certificate", "code_list", "count", "dead_letter", "delay", "detail", "epoch",
    "error", "event_type", "expires", "kept_back_by", "lost_offsets", "message_id", "next_attempt", "offset",
    "operation", "outcome", "owner", "partition", "partitions", "peer", "problems", "reason", "records", "removed",
    "replay", "revision", "rnu", "scope", "seconds", "setting", "signer", "since", "stages", "state", "status",
    "submission_id", "submission_source", "system", "topic", "trace_id", "waiting_for",
})  # fmt: skip
"""The names that `extra` and `submission_context` may use; none may ever hold anything of an event's data."""

OWN = ("worker", "contracts", "schemas", "sandbox", "demo")
"""Herald's own packages: what a logger's and an exception's name begins with."""
QUIET = (
    "aiohttp", "aiokafka", "asyncio", "asyncpg", "faststream", "httpcore", "httpx", "opentelemetry", "requests",
    "signxml", "urllib3", "xmlschema",
)  # fmt: skip
"""Libraries that write bodies, addresses or whole documents below WARNING: never more than that."""
MOST_KINDS = 1000
"""How many kinds of libraries' lines are remembered."""
LONGEST_CHAIN = 5
"""Exceptions shown of a chain or of a group."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what changes the direction of writing, and halves of surrogate pairs."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
_NOTHING: Mapping[str, Field] = MappingProxyType({})
_context: ContextVar[Mapping[str, Field]] = ContextVar("submission", default=_NOTHING)


class submission_context:  # noqa: N801 - used as a function
    """Add these fields to every line that this task (and those it starts) writes meanwhile."""

    __slots__ = ("_fields", "_token")

    def __init__(self, **fields: Field) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._token = _context.set({**_context.get(), **self._fields})

    def __exit__(self, *_: object) -> None:
        _context.reset(self._token)


def configure(level: str, style: Literal["json", "text"], stream: TextIO | None = None) -> None:
    """Write all logs to `stream` (standard error): Herald's own from `level` on, libraries' from WARNING on."""
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    handler.addFilter(NotAgain())
    # No line shows these, and finding them out costs 2 microseconds of each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    for name in QUIET:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        library.handlers.clear()  # FastStream adds its own, which would write each entry again
        library.propagate = True
    logging.captureWarnings(capture=True)
    _catch_the_uncaught()


class _Handler(logging.StreamHandler[TextIO]):
    """Says which entry could not be written; Python's own handler would print its values."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Write a line about the entry instead of the entry."""
        entry = f"a log entry could not be written: {record.filename}:{record.lineno}"
        lost = {"time": _time(record), "level": "error", "logger": record.name, "message": entry}
        self.stream.write(f"{json.dumps(lost)}\n")


class NotAgain(logging.Filter):
    """Lets one line of a kind pass from a library in `seconds`: aiokafka writes a hundred a second in an outage."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._last: dict[tuple[str, int, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let Herald's own lines pass, and the first of each kind from a library."""
        if record.name.split(".")[0] in OWN:
            return True
        kind = (record.name, record.levelno, str(record.msg)[:200])
        last = self._last.get(kind)
        if last is not None and 0 <= record.created - last < self._seconds:
            return False
        if len(self._last) >= MOST_KINDS:
            self._last.clear()
        self._last[kind] = record.created
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        entry |= _fields(record)
        return _escaped(_written(entry))


class TextLines(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return _escaped(f"{_time(record)} {record.levelname:7} {record.name}: {_message(record)}{fields}")


def _written(entry: dict[str, object]) -> str:
    """Write an entry as JSON; what orjson refuses (half of a surrogate pair, a whole number beyond 64 bits) as well."""
    try:
        return orjson.dumps(entry, default=str).decode()
    except TypeError:
        return _ENCODER.encode(entry)


def _escaped(line: str) -> str:
    """Keep an entry on its line, and a terminal from obeying an id: all of these are valid escapes of JSON too."""
    if line.isprintable():  # almost always: none of these is printable
        return line
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _time(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.msecs):03}+00:00"


@lru_cache(maxsize=1)
def _second(since_1970: int) -> str:
    """Write the whole second, once for all of its lines: a busy worker has a thousand."""
    return f"{datetime.fromtimestamp(since_1970, UTC):%Y-%m-%dT%H:%M:%S}"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    given: Mapping[str, object] = {**_context.get(), **vars(record)}
    fields = {name: value for name, value in given.items() if name in FIELDS}
    if record.exc_info and (error := record.exc_info[1]):
        fields["exception"] = described(error)
    return fields


def _message(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in OWN:
        return record.getMessage()
    if record.name == "py.warnings":
        return "a library warned; PYTHONWARNINGS=error shows where"
    if record.exc_info:
        return f"{record.name} reports an exception"
    # asyncio puts the failed task, and with it the exception's text, on the following lines.
    return record.getMessage().partition("\n")[0]


def described(error: BaseException) -> list[dict[str, object]]:
    """Return the exception and its causes, newest first: types and places, and the texts of Herald's own."""
    chain: list[dict[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < LONGEST_CHAIN:
        chain.append(_one(current))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _one(error: BaseException) -> dict[str, object]:
    kind = type(error)
    entry: dict[str, object] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if kind.__module__.split(".")[0] in OWN:
        entry["text"] = str(error)
    if isinstance(error, BaseExceptionGroup):
        entry["of"] = [described(inner) for inner in error.exceptions[:LONGEST_CHAIN]]
    return {**entry, "at": [f"{place.line} {place.function}" for place in places_of(error.__traceback__)]}


def _catch_the_uncaught() -> None:
    """Log uncaught exceptions, which Python itself would print with their texts."""
    log = logging.getLogger("worker.uncaught")

    def main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught exception, the process ends", exc_info=(kind, error, trace))

    def thread(failed: threading.ExceptHookArgs) -> None:
        log.critical("uncaught exception, a thread ends", exc_info=failed.exc_value)

    def unraisable(failed: sys.UnraisableHookArgs) -> None:
        log.error("exception that could not be raised", exc_info=failed.exc_value)

    sys.excepthook = main
    threading.excepthook = thread
    sys.unraisablehook = unraisable
