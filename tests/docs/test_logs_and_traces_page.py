"""docs/logs-and-traces.md: its log line has the fields that exist, and its settings are valid."""

from __future__ import annotations

import json
import logging

import yaml

from tests.support.readme import ROOT, blocks
from worker.observability.logs import FIELDS
from worker.observability.metrics.labels import Stage
from worker.observability.settings import TracingSettings
from worker.pipeline import following

BLOCKS = {block.language: block.text for block in blocks(ROOT / "docs" / "logs-and-traces.md")}


def test_the_log_line_has_the_fields_and_stages_that_exist():
    line = json.loads(BLOCKS["json"])
    assert line.keys() - {"time", "level", "logger", "message"} - FIELDS == set()
    assert set(line["stages"]) == {stage.value for stage in Stage}
    assert logging.getLogger(line["logger"]) is following.log


def test_the_settings_of_traces_are_valid():
    found = TracingSettings.model_validate(yaml.safe_load(BLOCKS["yaml"])["tracing"])
    assert found.enabled
