"""The pages say what the code does: docs/contracts.md, and for each system's events its own page."""

from __future__ import annotations

import json
import re

import pytest

from contracts.bulgarian_person import PersonRule
from contracts.dead_letters import DeadLetterHeader
from contracts.edelivery.rules import Rule as DeliveryRule
from contracts.eforms.rules import Rule as EformsRule
from contracts.envelope import decode
from contracts.epayment.rules import Rule as PaymentRule
from contracts.erx.rules import Rule as ErxRule
from contracts.kz_shep.rules import Rule as ShepRule
from contracts.nhis.rules import Rule
from contracts.reasons import ADVICE, Reason
from contracts.registry import EVENT_TYPES, validate
from contracts.regix.rules import Rule as RegixRule

EXAMPLE = re.compile(r"<!-- (contracts/published/examples/\S+\.json) -->\n```json\n(.*?)```\n", re.DOTALL)


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "contracts.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(root, page):
    """The common page and those of the systems, as one text."""
    systems = sorted((root / "docs" / "systems").glob("*.md"))
    return "\n".join([page, *(path.read_text(encoding="utf-8") for path in systems)])


def test_examples_are_the_exported_ones(pages, root):
    found = EXAMPLE.findall(pages)
    assert len(found) >= len(EVENT_TYPES)
    for name, text in found:
        assert text == (root / name).read_text(encoding="utf-8"), name


def test_every_json_block_of_the_common_page_is_an_example(page):
    assert page.count("```json") == len(EXAMPLE.findall(page))


def test_examples_of_submissions_work(pages, today):
    submitted = set()
    for _, text in EXAMPLE.findall(pages):
        example = json.loads(text)
        if example["headers"]["ce_type"] not in EVENT_TYPES:
            continue
        headers = [(name, value.encode()) for name, value in example["headers"].items()]
        value = json.dumps(example["value"]).encode()
        event = decode(headers, value, example["key"].encode(), max_bytes=100_000)
        validate(event.type, event.data_raw, today=today)
        submitted.add(event.type)
    assert submitted == set(EVENT_TYPES)


def test_every_reason_and_header_is_explained(page):
    for name in (*Reason, *DeadLetterHeader):
        assert f"`{name}`" in page, name


def test_every_rule_and_type_is_explained(pages):
    for name in (
        *PersonRule,
        *Rule,
        *ErxRule,
        *ShepRule,
        *RegixRule,
        *PaymentRule,
        *DeliveryRule,
        *EformsRule,
        *EVENT_TYPES,
    ):
        assert f"`{name}`" in pages, name


def test_advice_is_the_one_that_replies_give(page):
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \|$", page, re.MULTILINE))
    stated = {reason: rows[reason.value] for reason in Reason if reason.value in rows}
    assert stated == {reason: ADVICE[reason] for reason in stated}
    assert len(stated) >= 22


def test_links_lead_somewhere(page, root):
    for target in re.findall(r"\]\((\.\./[^)]+)\)", page):
        assert (root / "docs" / target).exists(), target
