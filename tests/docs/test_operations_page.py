"""docs/operations.md: its topics are those that the command makes, its commands exist, and its state is a demo's."""

from __future__ import annotations

import json
import logging
import re
import shlex
from types import SimpleNamespace

import pytest
import yaml
from typer.testing import CliRunner

from tests.support.readme import ROOT, Block, blocks, marked
from worker.admin.preflight import clock_policy, signer_policy, system_policy
from worker.admin.preflight.journal_policy import NEWEST_TRIED, OLDEST
from worker.admin.preflight.preflight import Built, Options, checks_of
from worker.admin.status_findings import NO_WORKER
from worker.cli.app import app
from worker.cli.commands.check import TIMEOUT
from worker.clock import SystemClock
from worker.journal.inspection import CONNECTIONS_OF_A_WORKER
from worker.kafka.settings import KafkaSettings
from worker.kafka.topic_plan import PARTITIONS, REPLICATION, ROOM, wanted_topics
from worker.observability.logs import FIELDS
from worker.observability.metrics.labels import Stage
from worker.observability.settings import TracingSettings
from worker.pipeline import following
from worker.pipeline.routing import Routing
from worker.settings.load import load
from worker.settings.variables import CONFIG, OPERATOR
from worker.signing.registry import load_signers
from worker.systems.port import Endpoint

PAGE = ROOT / "docs" / "operations.md"
TEXT = PAGE.read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
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


# tests/deploy looks at the commands of Kubernetes, and at the examples of alerts.
HERE = [block for block in blocks(PAGE) if not (block.test or "").startswith(("kubernetes", "alerts"))]


def block_of(language: str) -> Block:
    """Return the page's one block in a language."""
    (block,) = [one for one in HERE if one.language == language]
    return block


def test_the_log_line_has_the_fields_and_stages_that_exist():
    line = json.loads(block_of("json").text)
    assert line.keys() - {"time", "level", "logger", "message"} - FIELDS == set()
    assert set(line["stages"]) == {stage.value for stage in Stage}
    assert logging.getLogger(line["logger"]) is following.log


def test_the_settings_of_traces_are_valid():
    found = TracingSettings.model_validate(yaml.safe_load(block_of("yaml").text)["tracing"])
    assert found.enabled


COMMANDS = [one for one in HERE if one.language == "sh"]


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: f"line {block.line}")
def test_every_command_of_the_page_exists(block):
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:.*## ", MAKEFILE, re.MULTILINE), line
            continue
        given = words[words.index("herald") + 1 :]
        options = [one for one in given if one.startswith("--")]
        names = [one for one in given if re.fullmatch(r"[a-z-]+", one) and not one.startswith("--")]
        shown = CliRunner().invoke(app, [*names[:2], "--help"], terminal_width=200)
        assert shown.exit_code == 0, line
        assert [one for one in options if one not in shown.output] == [], line


def test_the_table_of_checks_names_each_check_in_their_order():
    cells = re.findall(
        r"^\| (`[a-z]+\.[a-z.-]+`(?:, `[a-z]+\.[a-z.-]+`)*) \| .+ \| [a-z]+ \|$", TEXT, re.MULTILINE
    )
    told = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    assert told == list(dict.fromkeys(check.id for check in every_check()))


def every_check():
    """Return the checks of an installation whose one system has everything that is checked."""
    settings = load(None, INSTALLATION)
    system = SimpleNamespace(
        name="x",
        endpoints=lambda: [
            Endpoint(
                "services", "https://x.invalid", SimpleNamespace(handshake=len), probe="https://x.invalid/"
            )
        ],
        logins=lambda: ["doctor"],
        try_login=len,
        certificates=list,
    )
    built = Built([system], load_signers({}, clock=SystemClock().now), {})
    return checks_of(settings, built, SystemClock().now, Options(seconds=1))


INSTALLATION = {
    "HERALD_KAFKA__BOOTSTRAP_SERVERS": "kafka:9092",
    "HERALD_JOURNAL__DSN": "postgresql://nobody@127.0.0.1:1/none",
    "HERALD_SYSTEMS__NHIS__TIME_ZONE": "Europe/Sofia",
}


def test_the_numbers_of_the_checks_are_those_of_the_code():
    assert f"PostgreSQL {OLDEST} to {NEWEST_TRIED}" in TEXT
    assert f"its {CONNECTIONS_OF_A_WORKER} connections" in TEXT
    assert f"{signer_policy.SOON.days} days or fewer are a warning" in TEXT
    assert f"more than {system_policy.SOON.days} days" in TEXT
    assert f"more than {clock_policy.TOLERATED.seconds} s are a warning" in TEXT
    assert f"more than {clock_policy.TOO_FAR.seconds} s a failure" in TEXT
    assert f"({TIMEOUT:g} seconds)" in TEXT


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
