"""The rights: each role has what its row says on its own system's topics, and nothing on any other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.kafka.rights import NEEDS, Operation, Resource, Right, Role, rights_of
from worker.pipeline.routing import Inlet, Route, Routing
from worker.plain_pattern import compiled

ROUTES = (Route("//a/*", "a.results", "a.errors"),)
NHIS = Routing.of("herald.", "nhis", ROUTES)
GROUP = "herald-worker.nhis"
READ, WRITE, DESCRIBE = (Operation.READ,), (Operation.WRITE,), (Operation.DESCRIBE,)
CREATE = (Operation.CREATE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)
COMMON_REPLIES = ("herald.nhis.errors", "herald.nhis.results")
REPLIES = ("a.errors", "a.results", *COMMON_REPLIES)

EXPECTED = {
    Role.WORKER: {
        "herald.nhis.submissions": READ,
        GROUP: READ,
        **dict.fromkeys((*REPLIES, "herald.nhis.dead-letters"), WRITE),
    },
    Role.OPERATOR: {
        GROUP: DESCRIBE,
        "herald.nhis.dead-letters": (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS),
        **dict.fromkeys((*REPLIES, "herald.nhis.submissions"), (*READ, *WRITE, Operation.DESCRIBE_CONFIGS)),
    },
    Role.SCALER: {"herald.nhis.submissions": DESCRIBE, GROUP: DESCRIBE},
    Role.RECEIVER: {},
    Role.TOPIC_CREATOR: dict.fromkeys(NHIS.topics, CREATE),
    Role.HOSPITAL: {"herald.nhis.submissions": WRITE, "his": READ, **dict.fromkeys(COMMON_REPLIES, READ)},
}


@pytest.mark.parametrize("role", Role)
def test_the_rights_of_each_role(role):
    rights = rights_of(role, NHIS, workers_group=GROUP, sources=["/b/his"], own_group="his")
    assert {right.name: right.operations for right in rights} == EXPECTED[role]
    assert len(rights) == len(EXPECTED[role])
    assert {right.name for right in rights if right.resource is Resource.GROUP} <= {GROUP, "his"}


NOTIFIED = "herald.nhis.notifications"
NOTIFYING = replace(NHIS, notifications=NOTIFIED)


@pytest.mark.parametrize(
    ("role", "sources", "operations"),
    [
        (Role.RECEIVER, [], WRITE),
        (Role.OPERATOR, [], (Operation.READ, Operation.DESCRIBE_CONFIGS)),
        (Role.TOPIC_CREATOR, [], CREATE),
        (Role.HOSPITAL, ["/b/his"], READ),
        # Notifications of all sources come on one topic: who has replies of its own is not shown the others'.
        (Role.HOSPITAL, ["//a/his"], None),
        (Role.WORKER, [], None),
        (Role.SCALER, [], None),
    ],
    ids=["receiver", "operator", "creator", "hospital", "hospital with a route", "worker", "scaler"],
)
def test_the_rights_on_notifications(role, sources, operations):
    rights = rights_of(role, NOTIFYING, workers_group=GROUP, sources=sources)
    assert {one.name: one.operations for one in rights}.get(NOTIFIED) == operations


def test_a_hospital_without_a_group_gets_no_right_on_any():
    rights = rights_of(Role.HOSPITAL, NHIS, workers_group=GROUP, sources=["/b/his"])
    assert {right.resource for right in rights} == {Resource.TOPIC}


BY_HOSPITAL = Routing.of(
    "",
    "nhis",
    (Route("/a/*", "a.results", "a.errors"),),
    (
        Inlet("s.a", compiled(["/a/*"])),
        Inlet("s.b", compiled(["/b/his"])),
        Inlet("s.ab", compiled(["/a/lab", "/b/*"])),
        Inlet("s.all"),
    ),
)
REPLIES_OF_A, COMMON = {"a.results", "a.errors"}, {"nhis.results", "nhis.errors"}


@pytest.mark.parametrize(
    ("sources", "writes", "reads"),
    [
        (["/a/his"], {"s.a"}, REPLIES_OF_A),
        (["/a/lab"], {"s.a", "s.ab"}, REPLIES_OF_A),
        (["/b/his"], {"s.b", "s.ab"}, COMMON),
        (["/a/his", "/b/lab"], {"s.a", "s.ab"}, REPLIES_OF_A | COMMON),
        (["/c"], {"s.all"}, COMMON),
        ([], set(), set()),
    ],
)
def test_a_hospital_gets_the_topics_of_its_own_sources_alone(sources, writes, reads):
    rights = rights_of(Role.HOSPITAL, BY_HOSPITAL, workers_group=GROUP, sources=sources)
    assert {right.name for right in rights if right.operations == WRITE} == writes
    assert {right.name for right in rights if right.operations == READ} == reads
    assert len(rights) == len(writes) + len(reads)


def test_where_every_topic_is_bound_a_hospital_that_is_bound_to_none_writes_to_none():
    bound = Routing.of("", "nhis", inlets=(Inlet("s.a", compiled(["/a/*"])),))
    rights = rights_of(Role.HOSPITAL, bound, workers_group=GROUP, sources=["/c"])
    assert {right.operations for right in rights} == {READ}


def test_nobody_reads_dead_letters_and_no_worker_creates_or_alters_anything():
    for role in Role:
        for right in rights_of(role, NHIS, workers_group=GROUP, sources=["//a/x", "/b"], own_group="his"):
            assert (right.name.endswith("dead-letters"), right.operations) != (True, READ)
    worker = rights_of(Role.WORKER, NHIS, workers_group=GROUP)
    assert {one for right in worker for one in right.operations} == {Operation.READ, Operation.WRITE}


def test_each_row_says_why_and_stands_once():
    assert len({(need.role, need.target) for need in NEEDS}) == len(NEEDS)
    assert all(need.why for need in NEEDS)


def test_rights_are_sorted_so_that_files_can_be_compared():
    assert rights_of(Role.SCALER, NHIS, workers_group=GROUP) == (
        Right(Resource.GROUP, GROUP, DESCRIBE),
        Right(Resource.TOPIC, "herald.nhis.submissions", DESCRIBE),
    )
