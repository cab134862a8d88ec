"""The rights: each role has what its row says on its own system's topics, and nothing on any other."""

from __future__ import annotations

import pytest

from worker.kafka.rights import NEEDS, Operation, Resource, Right, Role, rights_of
from worker.pipeline.routing import Route, Routing

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
        "herald.nhis.submissions": WRITE,
        GROUP: DESCRIBE,
        **dict.fromkeys(REPLIES, WRITE),
    },
    Role.SCALER: {"herald.nhis.submissions": DESCRIBE, GROUP: DESCRIBE},
    Role.TOPIC_CREATOR: dict.fromkeys(NHIS.topics, CREATE),
    Role.HOSPITAL: {"herald.nhis.submissions": WRITE, "his": READ, **dict.fromkeys(REPLIES, READ)},
}


@pytest.mark.parametrize("role", Role)
def test_the_rights_of_each_role(role):
    rights = rights_of(role, NHIS, workers_group=GROUP, own_group="his")
    assert {right.name: right.operations for right in rights} == EXPECTED[role]
    assert len(rights) == len(EXPECTED[role])
    assert {right.name for right in rights if right.resource is Resource.GROUP} <= {GROUP, "his"}


def test_a_hospital_without_a_group_gets_no_right_on_any():
    rights = rights_of(Role.HOSPITAL, NHIS, workers_group=GROUP)
    assert {right.resource for right in rights} == {Resource.TOPIC}


def test_nobody_reads_dead_letters_and_no_worker_creates_or_alters_anything():
    for role in Role:
        for right in rights_of(role, NHIS, workers_group=GROUP, own_group="his"):
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
