"""README.md does what it says: its commands are run, in its order, beside the demo that it starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.envelope import decode
from demo.environment import topics_of
from sandbox.pki import Pki
from tests.support.kafka.cluster import Kafka
from tests.support.kafka.console import console_producer
from tests.support.kafka.distribution import Distribution, KafkaUnavailableError
from tests.support.kafka.topics import create_topics, first_record
from tests.support.published import published_schema
from tests.support.readme import README, ROOT, Block, blocks, marked
from worker.settings.model import Settings
from worker.settings.reference import rows

pytestmark = pytest.mark.timeout(240)
WATCHED = 8
"""Seconds after which the reader presses Ctrl-C."""
TESTS = {"make", "output", "demo", "shell", "file", "python", "reply", "worker", "settings", "console"}


def test_every_block_is_tested():
    unmarked = [
        block.line
        for block in blocks(README)
        if block.language != "mermaid" and (block.test or "").split()[:1] not in [[name] for name in TESTS]
    ]

    assert unmarked == []


@pytest.mark.parametrize("block", marked(README, "make"), ids=lambda block: f"line {block.line}")
def test_make_knows_the_targets(block: Block):
    for line in block.text.splitlines():
        command = line.partition("#")[0].split()
        assert command[0] == "make"
        done = subprocess.run([*command, "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_demo_prints_what_the_page_shows(reader):
    (block,) = marked(README, "output")
    printed = iter(_masked(reader.printed))

    for line in _masked(block.text):
        # `in` goes on from where the last one was found: the order is the page's.
        assert line in ("", "…") or line in printed, line


def _masked(text: str) -> list[str]:
    """Return the lines without what differs at each run: numbers of records, seconds, attempts."""
    masks = (
        (r"\b[0-9]{6}[0-9A-Z]{6}\b", "NRN"),
        (r"\b[0-9]{7}\b", "PAYMENT"),
        (r"\d+\.\d\b", "SECONDS"),
        (r" +", " "),
    )
    for pattern, mask in masks:
        text = re.sub(pattern, mask, text)
    lines = (line.strip() for line in text.splitlines())
    return [re.sub(r" \d SECONDS ", " TRIES SECONDS ", line) for line in lines]


def test_the_reader_gets_the_answers(reader):
    outputs: dict[str, list[str]] = {"shell": [], "python": []}
    for block in marked(README, "file", "shell", "python"):
        kind, *details = block.test.split()
        if kind == "file":
            json.loads(block.text)
            (reader.directory / details[0]).write_text(block.text, encoding="utf-8")
        elif kind == "python":
            outputs[kind].append(reader.run(["python", "-W", "error", "-c", block.text]))
        else:
            # In the foreground: else `timeout` sends the signal twice, to the command and to its group.
            ctrl_c = block.text.replace(
                "herald watch", f"timeout --foreground --preserve-status -s INT {WATCHED} herald watch"
            )
            outputs[kind].append(reader.run(["bash", "-euo", "pipefail", "-c", ctrl_c]))

    assert len(re.findall(r"^2025-000124 +accepted +nrn ", outputs["shell"][1], re.MULTILINE)) == 2
    _check_replies(outputs["python"][-1])
    assert all(topic in "".join(outputs["shell"]) for topic in topics_of("nhis"))
    assert "reaction-09" in outputs["shell"][-3]
    assert "contract-violation" in outputs["shell"][-2]
    assert list((reader.directory / "evidence").glob("*.request.xml"))


def _check_replies(printed: str) -> None:
    own = [line for line in printed.splitlines() if line.startswith("2025-00012")]
    registered = [line for line in own if line.startswith("2025-000124")]
    searched = [line for line in own if line.startswith("2025-000125")]
    assert len(registered) == 2
    assert len(set(registered)) == 1
    assert " accepted {'nrn': " in registered[0]
    assert len(searched) == 1
    assert "'found': 1" in searched[0]


def test_the_console_producer_publishes_an_event(
    kafka: Kafka, kafka_distribution: Distribution, topic_prefix: str, tmp_path: Path
):
    (block,), (event,) = marked(README, "console"), marked(README, "file")
    topic = f"{topic_prefix}nhis.submissions"
    create_topics(kafka.bootstrap, [topic])
    (tmp_path / "first.json").write_text(event.text, encoding="utf-8")
    try:
        folder = console_producer(kafka_distribution).parent
    except KafkaUnavailableError as why:
        pytest.skip(str(why))

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text.replace("herald.nhis.submissions", topic)],
        cwd=tmp_path, env={**os.environ, "KAFKA": kafka.bootstrap, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stdout
    record = first_record(kafka.bootstrap, topic)
    assert record.key() == b"patient-7f3a"
    read = decode(record.headers(), record.value(), record.key(), max_bytes=10_000)
    assert (read.id, read.data_raw) == ("2025-000124", json.loads(event.text)["data"])
    assert decode((), record.value(), record.key(), max_bytes=10_000) == read


@pytest.mark.parametrize("block", marked(README, "reply"), ids=lambda block: block.test)
def test_replies_fit_their_schemas(block: Block):
    schema = published_schema(block.test.split()[1])

    Draft202012Validator(schema).validate(json.loads(block.text))


def test_the_settings_can_be_used_as_they_are(reader, tmp_path):
    (block,) = marked(README, "settings")
    (tmp_path / "herald.yaml").write_text(block.text, encoding="utf-8")
    shutil.copytree(ROOT / "schemas" / "nhis", tmp_path / "nhis-xsd")
    (tmp_path / "secrets").mkdir()
    key = Pki.create(tmp_path / "pki").signers[0]
    shutil.copy(key.pkcs12_file, tmp_path / "secrets" / "dr-petrova.p12")
    shutil.copy(key.password_file, tmp_path / "secrets" / "dr-petrova.password")
    (tmp_path / "secrets" / "journal-dsn").write_text("postgresql://herald:secret@database.example/herald")

    done = subprocess.run(
        ["herald", "check", "--config", "herald.yaml"],
        cwd=tmp_path, env={"PATH": reader.environment["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "dr-petrova" in done.stdout


def test_the_worker_is_started_as_the_page_says(reader):
    (block,) = marked(README, "worker")
    (start,) = marked(README, "demo")

    assert block.text.split() == ["herald", "worker"]
    assert start.text.split() == [".venv/bin/herald", "demo", "--keep"]
    assert "/readyz" in reader.printed


def test_every_setting_of_the_tables_has_the_default_that_they_say():
    known = {row.path: row.default for row in rows(Settings)}
    shown = re.findall(r"^\| `([a-z_.]+)` \| (`[^`]+`) \|", README.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(shown) >= 7
    assert [(path, default) for path, default in shown if known.get(path) != default] == []
