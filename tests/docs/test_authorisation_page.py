"""docs/authorisation.md: its settings give the answers that its table states."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import yaml

from contracts.registry import EVENT_TYPES
from tests.support.readme import ROOT, marked
from worker.pipeline.ports import Record
from worker.pipeline.reading import InvalidRecord, Reader
from worker.settings.authorisation_checks import doubtful_authorisations
from worker.settings.load import load

PAGE = ROOT / "docs" / "authorisation.md"
ROWS = re.findall(
    r"^\| `(.+?)`, `(.+?)`, `(.+?)` \| `(.+?)` \| `?([a-z-]+)`? \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)
OPERATIONS = {one.operation for one in EVENT_TYPES.values()}
SIGNERS = ("dr-ivanova", "dr-petrova", "pleven-7")


@pytest.fixture
def settings(tmp_path):
    dsn = tmp_path / "dsn"
    dsn.write_text("postgresql://db.invalid/herald")
    (block,) = marked(PAGE, "settings")
    document = yaml.safe_load(block.text) | {
        "kafka": {"bootstrap_servers": ["kafka:9092"]},
        "journal": {"dsn_file": str(dsn)},
        "signers": {name: {"file": "a.p12", "password_file": "a.password"} for name in SIGNERS},
        "systems": {"nhis": {"senders": {name: {"uin": "2300000001"} for name in SIGNERS}}},
    }
    config = tmp_path / "herald.yaml"
    config.write_text(yaml.safe_dump(document))
    return load(config, {})


def test_the_table_has_each_result():
    assert {result for *_, result in ROWS} == {"allowed", "signer-not-allowed", "source-not-allowed"}


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_what_the_settings_do(settings, row):
    source, signer, operation, topic, result = row
    (kind,) = (
        name for name, one in EVENT_TYPES.items() if (one.system, one.operation) == ("nhis", operation)
    )
    reader = Reader(
        "nhis",
        knows_signer=lambda _: True,
        today=lambda: date(2025, 3, 14),
        max_event_bytes=100_000,
        authorisations=settings.authorisations_of("nhis"),
    )
    document = {"specversion": "1.0", "id": "1", "source": source, "type": kind, "signer": signer, "data": {}}
    read = reader.read(Record(topic, 0, 0, 0, b"k", json.dumps(document).encode(), ()))
    assert isinstance(read, InvalidRecord)  # at least for its empty data, which is looked at last
    assert read.reason == {"allowed": "contract-violation"}.get(result, result)


def test_the_settings_are_without_doubt(settings):
    assert doubtful_authorisations(settings) == []


def test_a_source_without_a_topic_of_its_own_has_the_common_one(settings):
    routing = settings.routing_of("nhis")
    assert routing.inlet_of("/hospitals/vidin/his") == "herald.nhis.submissions.vidin"
    assert routing.inlet_of("/hospitals/sofia/his") == "herald.nhis.submissions"


def test_the_operations_that_the_page_names_exist():
    named = set(re.findall(r"operation `([a-z.-]+)`", PAGE.read_text(encoding="utf-8")))
    assert named
    assert named <= OPERATIONS
