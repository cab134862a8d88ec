"""The baseline of this repository, and each kind of breaking change made to today's contracts on purpose."""

from __future__ import annotations

import copy
import json

import pytest

from contracts.compatibility.snapshot import REPLIES, REQUESTS, compare, promises, snapshot, written
from contracts.notifications import NOTIFICATION_TYPES
from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES
from tests.support.cli.commands import invoked
from tests.support.readme import ROOT
from worker.cli.commands.contracts import BASELINE

REGISTER = "nhis.immunization.register.v1"
ACCEPTED = "nhis.immunization.register.accepted.v1"


@pytest.fixture(scope="module")
def now():
    return snapshot()


def test_the_snapshot_covers_all_that_is_published(now):
    files = {path.stem for path in (ROOT / "contracts/published/jsonschema").glob("*.json")}
    assert set(now[REQUESTS]) | set(now[REPLIES]) == files
    assert set(now["events"]) == {*EVENT_TYPES, *NOTIFICATION_TYPES}
    assert set(EVENT_TYPES) < set(now[REQUESTS])
    assert set(now["reasons"]) == set(map(str, Reason))
    assert "herald.nhis.submissions" in now["topics"]


def test_nothing_breaks_against_itself_and_what_is_written_is_what_is_read(now):
    assert compare(now, now) == []
    assert json.loads(written(now)) == now


def test_the_committed_baseline_is_kept(now):
    assert compare(json.loads((ROOT / BASELINE).read_text()), now) == []


def drop(section, name):
    return lambda document: (
        document[section].remove(name) if isinstance(document[section], list) else document[section].pop(name)
    )


def inside(section, name, *path):
    """Return a place in one of the schemas, through properties and definitions."""

    def find(document):
        place = document[section][name]
        for step in path:
            place = place[step]
        return place

    return find


def change(place, act):
    return lambda document: act(place(document))


PATIENT = inside(REQUESTS, REGISTER, "properties")
RESULT = inside(REPLIES, ACCEPTED, "properties")
MUTATIONS = {
    "topic removed": (drop("topics", "herald.erx.results"), "topics-removed"),
    "event type removed": (drop("events", REGISTER), "events-removed"),
    "schema removed": (drop(REQUESTS, REGISTER), "schema-removed"),
    "reason renamed": (drop("reasons", "conflict"), "reasons-removed"),
    "request: member removed": (change(PATIENT, lambda found: found.pop("immunization")), "member-removed"),
    "request: member required": (
        change(inside(REQUESTS, REGISTER), lambda found: found.setdefault("required", []).append("new")),
        "member-required",
    ),
    "request: type narrowed": (
        change(PATIENT, lambda found: found.update(immunization={"type": "string"})),
        "type-narrowed",
    ),
    "request: value removed": (
        change(
            inside(REQUESTS, "nhis.certificate.fetch.v1", "$defs", "IdentifierType", "enum"),
            lambda found: found.pop(),
        ),
        "enum-narrowed",
    ),
    "reply: member removed": (change(RESULT, lambda found: found.pop("system")), "member-removed"),
    "reply: type widened": (
        change(RESULT, lambda found: found.update(system={"type": ["string", "integer"]})),
        "type-widened",
    ),
    "reply: member no longer promised": (
        change(inside(REPLIES, ACCEPTED, "required"), lambda found: found.remove("system")),
        "member-optional",
    ),
    "envelope: attribute required": (
        change(inside(REQUESTS, "cloudevent.v1", "required"), lambda found: found.append("dataschema")),
        "member-required",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_kind_of_breaking_change_is_noticed(now, name, tmp_path):
    mutate, rule = MUTATIONS[name]
    later = copy.deepcopy(now)
    mutate(later)
    assert later != now
    found = compare(now, later)
    assert rule in [one.rule for one in found], found


def test_what_adds_breaks_nobody(now):
    later = copy.deepcopy(now)
    later["topics"].append("herald.new.submissions")
    later["reasons"].append("new-reason")
    later["events"].append("nhis.immunization.register.v2")
    later[REQUESTS]["nhis.immunization.register.v2"] = {"type": "object"}
    later[REQUESTS][REGISTER]["properties"]["note"] = {"type": "string"}
    later[REPLIES][ACCEPTED]["properties"]["note"] = {"type": "string"}
    assert compare(now, later) == []


def test_words_promise_nothing_and_a_member_may_be_called_as_a_keyword():
    schema = {
        "description": "x",
        "properties": {"description": {"type": "string", "description": "y"}, "default": {"default": 1}},
    }
    assert promises(schema) == {"properties": {"description": {"type": "string"}, "default": {}}}


def test_the_command_names_the_change_and_what_to_do(now, tmp_path):
    earlier = copy.deepcopy(now)
    earlier["reasons"].append("gone-since")
    earlier[REQUESTS][REGISTER]["properties"]["goneToo"] = {"type": "string"}
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps(earlier))
    done = invoked("contracts", "compatible", "--baseline", file)
    assert done.code == 1
    assert "gone-since $ [reasons-removed]: this reason code is gone or renamed." in done.out
    assert f"{REGISTER} $.goneToo [member-removed]: the member is gone." in done.out
    assert ".v2" in done.err
    accepted = invoked("contracts", "compatible", "--baseline", file, "--write")
    assert (accepted.code, json.loads(file.read_text())) == (0, now)
    assert invoked("contracts", "compatible", "--baseline", file).code == 0


@pytest.mark.parametrize("content", [None, "text"])
def test_a_baseline_that_cannot_be_read_is_no_success(tmp_path, content):
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content)
    assert invoked("contracts", "compatible", "--baseline", file).code == 2


def test_make_check_compares_them():
    makefile = (ROOT / "Makefile").read_text()
    assert "check: setup contracts-check " in makefile
    assert "herald contracts compatible" in makefile
