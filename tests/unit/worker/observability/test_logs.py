"""Logs are one JSON object a line, name their submission, and hold nothing of a patient whatever goes wrong."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from worker.observability import logs

# An invented patient: nobody alive was born in 1885 (EGN month + 20), and the last digit is right.
EGN = "8523031234"
NAME = "Аврам Измислен"
SECRETS = (EGN, NAME, "hunter2")
ROOT = Path(logs.__file__).parents[2]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging and the interpreter's hooks as they were."""
    root = logging.getLogger()
    names = (*logs.OWN, *logs.QUIET)
    before = (root.handlers[:], root.level, {name: logging.getLogger(name).level for name in names})
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], levels = before[0], before[2]
    root.setLevel(before[1])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
def written() -> Callable[[], list[dict]]:
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_entry_is_one_json_object(written):
    logging.getLogger("worker.kafka").info("paused at %d", 500, extra={"topic": "t", "partition": 3})

    (entry,) = written()
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info",
        "logger": "worker.kafka",
        "message": "paused at 500",
        "topic": "t",
        "partition": 3,
    }


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        (0.0, "1970-01-01T00:00:00.000+00:00"),
        (1_790_000_000.0425, "2026-09-21T14:13:20.042+00:00"),
        (1_790_000_000.9996, "2026-09-21T14:13:20.999+00:00"),
        (1_790_000_001.0, "2026-09-21T14:13:21.000+00:00"),
    ],
)
def test_a_line_shows_its_time_in_utc_to_a_millisecond(created, shown):
    record = logging.makeLogRecord({"name": "worker", "created": created, "msecs": int(created % 1 * 1000)})

    assert json.loads(logs.JsonLines().format(record))["time"] == shown


def test_text_is_for_people():
    stream = io.StringIO()
    logs.configure("info", "text", stream)

    logging.getLogger("worker.kafka").warning("paused", extra={"topic": "t"})

    assert stream.getvalue().split(" ", 1)[1] == "WARNING worker.kafka: paused topic=t\n"


def test_every_line_names_its_submission_in_each_task_its_own(written):
    log = logging.getLogger("worker.pipeline")

    async def work(name: str) -> None:
        with logs.submission_context(submission_id=name, system="nhis"):
            await asyncio.sleep(0)
            with logs.submission_context(attempt=2):
                log.info("sent")

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))
        log.info("done")

    asyncio.run(both())

    a, b, done = written()
    assert (a["submission_id"], a["system"], a["attempt"]) == ("a", "nhis", 2)
    assert b["submission_id"] == "b"
    assert "submission_id" not in done


def test_only_known_fields_are_written(written):
    logging.getLogger("worker.x").info("built", extra={"patient": NAME, "egn": EGN, "count": 1})

    (entry,) = written()
    assert set(entry) == {"time", "level", "logger", "message", "count"}


def test_every_field_that_herald_logs_is_a_known_one():
    used = {
        key.value
        for room in logs.OWN
        for path in (ROOT / room).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for argument in call.keywords
        if argument.arg == "extra" and isinstance(argument.value, ast.Dict)
        for key in argument.value.keys
        if isinstance(key, ast.Constant)
    }
    assert used - logs.FIELDS == set()


@pytest.mark.parametrize(("level", "expected"), [("debug", 2), ("info", 1), ("error", 0)])
def test_the_level_is_heralds_own(level, expected):
    stream = io.StringIO()
    logs.configure(level, "text", stream)

    for name in ("worker.x", "httpx", "signxml", "aiokafka.consumer", "anything"):
        logging.getLogger(name).debug("d")
        logging.getLogger(name).info("i")

    assert len(stream.getvalue().splitlines()) == expected


class OurError(Exception):
    """Stands for an exception of Herald's own, whose text holds no data."""


OurError.__module__ = "worker.signing"


class Patient(BaseModel):
    model_config = ConfigDict(extra="forbid")
    birth_year: int


def _validation_error() -> None:
    Patient.model_validate({"birth_year": EGN + NAME, "password": "hunter2"})


def _key_error() -> None:
    raise KeyError(EGN)


def _ours_from_theirs() -> None:
    try:
        _key_error()
    except KeyError as error:
        raise OurError("the certificate has expired") from error


def _while_handling() -> None:
    try:
        _validation_error()
    except ValueError:
        _key_error()


def _group() -> None:
    raise ExceptionGroup(f"about {NAME}", [KeyError(EGN), ValueError(NAME)])


FAILURES = [_validation_error, _key_error, _ours_from_theirs, _while_handling, _group]


def _assert_no_secret(entries: list[dict]) -> None:
    assert entries
    text = json.dumps(entries, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("fail", FAILURES)
@pytest.mark.parametrize("logger", ["worker.pipeline", "faststream", "aiohttp.server", "anything"])
def test_an_exceptions_text_is_not_written(written, fail, logger):
    log = logging.getLogger(logger)
    try:
        fail()
    except Exception as error:
        if logger.startswith("worker"):
            log.exception("a defect interrupted a submission")
        else:  # as libraries do it
            log.error(f"{type(error).__name__}: {error}", exc_info=error)  # noqa: G004, TRY400 - the very point

    _assert_no_secret(written())
    (entry,) = written()
    assert any(
        place.startswith("worker/observability/test_logs.py:") for place in entry["exception"][0]["at"]
    )


def test_the_text_of_heralds_own_exception_is_written_and_its_cause_without(written):
    try:
        _ours_from_theirs()
    except OurError:
        logging.getLogger("worker.x").exception("not signed")

    ours, theirs = written()[0]["exception"]
    assert (ours["type"], ours["text"]) == ("worker.signing.OurError", "the certificate has expired")
    assert theirs["type"] == "builtins.KeyError"
    assert "text" not in theirs


def test_a_group_names_what_is_in_it(written):
    try:
        _group()
    except ExceptionGroup:
        logging.getLogger("worker.x").exception("several failed")

    inner = written()[0]["exception"][0]["of"]
    assert [chain[0]["type"] for chain in inner] == ["builtins.KeyError", "builtins.ValueError"]


def test_a_task_that_nobody_awaits_is_reported_without_its_exceptions_text(written):
    async def fail() -> None:
        _key_error()

    async def main() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Task exception was never retrieved", "future": task, "exception": task.exception()}
        )
        asyncio.get_running_loop().call_exception_handler({"message": "unclosed", "future": task})

    asyncio.run(main())

    _assert_no_secret(written())
    assert [entry["message"] for entry in written()] == ["asyncio reports an exception", "unclosed"]


def test_a_warning_is_reported_without_its_text(written):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"unexpected value {EGN}", stacklevel=1)
        logging.captureWarnings(capture=False)

    _assert_no_secret(written())


def test_what_nobody_caught_is_reported_without_its_text(written):
    try:
        _key_error()
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        sys.unraisablehook(type("Hook", (), {"exc_value": error}))
    thread = threading.Thread(target=_key_error)
    thread.start()
    thread.join()

    _assert_no_secret(written())
    assert [entry["level"] for entry in written()] == ["critical", "error", "critical"]


def test_an_entry_that_cannot_be_formatted_is_reported_without_its_values(written, capsys):
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == logs.__name__]
    logging.getLogger("worker.x").info("%d records", EGN + NAME)

    _assert_no_secret(written())
    assert written()[0]["message"].startswith("a log entry could not be written: test_logs.py:")
    assert capsys.readouterr().err == ""


def test_a_library_says_the_same_once_in_a_while_and_herald_whenever_it_does() -> None:
    only = logs.NotAgain(seconds=10)

    def passes(name: str, message: str, at: float) -> bool:
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, (), None)
        record.created = at
        return only.filter(record)

    assert [passes("aiokafka.conn", "no broker %s", at) for at in (0, 1, 9.9, 10, 11, 25)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip
    assert passes("aiokafka.conn", "something else", 1)
    # Twice a second while Kafka refuses a topic: Herald itself says once which right is missing.
    refused = "OffsetCommit failed for unauthorized topics %s"
    lines = [passes("aiokafka.consumer.group_coordinator", refused, at / 2) for at in range(120)]
    assert lines.count(True) == 6
    assert [passes("worker.app", "waiting", at) for at in (0, 0)] == [True, True]


@pytest.mark.parametrize("style", ["json", "text"])
def test_an_id_cannot_write_a_line_of_its_own_nor_command_a_terminal(style):
    stream = io.StringIO()
    logs.configure("info", style, stream)
    hostile = 'x\n2026-01-01 CRITICAL forged\r\x1b[2J\x9b31m\u2028\u202e\x00"'
    logging.getLogger("worker.x").warning("it waits", extra={"submission_id": hostile})
    (line,) = stream.getvalue().removesuffix("\n").split("\n")
    assert not set(line) & set("\n\r\x1b\x9b\u2028\u202e\x00")
    if style == "json":
        assert json.loads(line)["submission_id"] == hostile
