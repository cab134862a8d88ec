"""docs/operations.md: its topics are those that the command makes, its commands exist, and its state is a demo's."""

from __future__ import annotations

import json
import logging
import re
import shlex

import pytest
import yaml
from typer.testing import CliRunner

from tests.support.readme import ROOT, Block, blocks, marked
from worker.admin.status_findings import NO_WORKER
from worker.cli.app import app
from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import PARTITIONS, REPLICATION, ROOM, wanted_topics
from worker.observability.logs import FIELDS
from worker.observability.metrics.labels import Stage
from worker.observability.settings import TracingSettings
from worker.pipeline import following
from worker.pipeline.routing import Routing
from worker.settings.variables import CONFIG, OPERATOR

PAGE = ROOT / "docs" / "operations.md"
TEXT = PAGE.read_text(encoding="utf-8")
COLUMNS = ("submissions", "results", "errors", "dead-letters")

pytestmark = pytest.mark.timeout(240)


def stated() -> dict[str, dict[str, str]]:
    """Return by setting, and by kind of topic, what the page's table says."""
    rows = re.findall(r"^\| `([a-z.]+)` \| (.*?) \| (.*?) \| (.*?) \| .+ \|$", TEXT, re.MULTILINE)
    return {
        name: {"submissions": taken, "results": replied, "errors": replied, "dead-letters": dead}
        for name, taken, replied, dead in rows
    }


def test_the_table_of_topics_is_what_the_command_makes():
    kafka = KafkaSettings.model_validate({"bootstrap_servers": "kafka:9092"})
    made = {
        spec.name.split(".")[-1]: spec.config for spec in wanted_topics(kafka, [Routing.of("h.", "nhis")])
    }
    sizes = {
        f"`kafka.max_event_bytes` + {ROOM // 1024} KiB": int(kafka.max_event_bytes) + ROOM,
        f"`kafka.max_event_bytes` + {2 * ROOM // 1024} KiB": int(kafka.max_event_bytes) + 2 * ROOM,
        f"`kafka.max_reply_bytes` + {ROOM // 1024} KiB": int(kafka.max_reply_bytes) + ROOM,
    }
    table = stated()
    assert set(table) == set().union(*made.values())
    for setting, by_kind in table.items():
        for kind in COLUMNS:
            told = by_kind[kind]
            value = sizes.get(told) or next(iter(re.findall(r"`([^`]+)`", told)), None)
            assert (setting, kind, made[kind].get(setting)) == (setting, kind, value and str(value))
    assert f"{PARTITIONS} partitions and {REPLICATION} replicas" in TEXT


def block_of(language: str) -> Block:
    """Return the page's one block in a language."""
    (block,) = [one for one in blocks(PAGE) if one.language == language]
    return block


def test_the_log_line_has_the_fields_and_stages_that_exist():
    line = json.loads(block_of("json").text)
    assert line.keys() - {"time", "level", "logger", "message"} - FIELDS == set()
    assert set(line["stages"]) == {stage.value for stage in Stage}
    assert logging.getLogger(line["logger"]) is following.log


def test_the_settings_of_traces_are_valid():
    found = TracingSettings.model_validate(yaml.safe_load(block_of("yaml").text)["tracing"])
    assert found.enabled


COMMANDS = [one for one in blocks(PAGE) if one.language == "sh"]


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: f"line {block.line}")
def test_every_command_of_the_page_exists(block):
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        given = words[words.index("herald") + 1 :]
        options = [one for one in given if one.startswith("--")]
        names = [one for one in given if re.fullmatch(r"[a-z-]+", one) and not one.startswith("--")]
        shown = CliRunner().invoke(app, [*names[:2], "--help"], terminal_width=200)
        assert shown.exit_code == 0, line
        assert [one for one in options if one not in shown.output] == [], line


def test_variables_and_findings_are_named():
    assert CONFIG in TEXT
    assert OPERATOR in TEXT
    assert NO_WORKER.split(":")[0].lower().removesuffix(" runs") in TEXT.lower()


def test_the_state_of_a_demo_is_reported(reader):
    (block,) = marked(PAGE, "shell")
    told = reader.run(["bash", "-euo", "pipefail", "-c", block.text])
    found = json.loads(told[told.index("{") :])
    assert (found["wrong"], found["not_asked"]) == ([], [])
    assert [one["running"] for one in found["workers"]] == [True]
    assert set(found["lags"]) == set(found["systems"]) == {"nhis", "nhif", "erx", "kz-shep"}
