"""What is wrong with the journal's database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.admin.preflight import journal_policy as policy
from worker.admin.preflight.findings import Verdict
from worker.journal.inspection import ConnectionFacts, ServerFacts
from worker.journal.migrate import MigrationState

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
SERVER = ServerFacts(
    version=160004,
    version_text="16.4",
    recovering=False,
    read_only=False,
    fsync=True,
    full_page_writes=True,
    synchronous_commit="on",
    has_standbys=False,
    local=False,
    encrypted=True,
    bytes=1 << 20,
    pooled=False,
)


@pytest.mark.parametrize(
    ("version", "verdict"),
    [(130016, FAIL), (140000, OK), (180006, OK), (190001, WARN), (90624, FAIL)],
)
def test_versions(version, verdict):
    assert policy.version(replace(SERVER, version=version)).verdict == verdict


@pytest.mark.parametrize(
    ("encrypted", "local", "verdict"), [(True, False, OK), (False, True, OK), (False, False, WARN)]
)
def test_encryption(encrypted, local, verdict):
    assert policy.encryption(replace(SERVER, encrypted=encrypted, local=local)).verdict == verdict


@pytest.mark.parametrize(
    ("changed", "verdict"), [({}, OK), ({"recovering": True}, FAIL), ({"read_only": True}, FAIL)]
)
def test_writes(changed, verdict):
    assert policy.writable(replace(SERVER, **changed)).verdict == verdict


@pytest.mark.parametrize(
    ("changed", "verdicts", "in_a_test"),
    [
        ({}, [OK], [OK]),
        ({"synchronous_commit": "remote_apply"}, [OK], [OK]),
        ({"synchronous_commit": "off"}, [OK], [OK]),  # Herald's sessions turn it on
        ({"synchronous_commit": "local"}, [OK], [OK]),
        ({"synchronous_commit": "local", "has_standbys": True}, [WARN], [WARN]),
        ({"fsync": False}, [FAIL], [WARN]),
        ({"full_page_writes": False}, [WARN], [WARN]),
        ({"fsync": False, "full_page_writes": False}, [FAIL, WARN], [WARN, WARN]),
    ],
)
def test_durability(changed, verdicts, in_a_test):
    server = replace(SERVER, **changed)
    assert [one.verdict for one in policy.durability(server, test=False)] == verdicts
    assert [one.verdict for one in policy.durability(server, test=True)] == in_a_test


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (MigrationState(5, (), ()), OK),
        (MigrationState(0, ("0001_journal",), ()), FAIL),
        (MigrationState(6, (), ("0006",)), WARN),
        (MigrationState(5, ("0002_x",), ("0006",)), FAIL),
    ],
)
def test_migrations(state, verdict):
    assert policy.migrations(state).verdict == verdict


@pytest.mark.parametrize(
    ("pooled", "keeps", "verdict"),
    [(False, True, OK), (True, True, OK), (True, False, FAIL), (False, False, FAIL)],
)
def test_poolers(pooled, keeps, verdict):
    assert policy.pooler(replace(SERVER, pooled=pooled), keeps_sessions=keeps).verdict == verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (ConnectionFacts(90, None, None), OK),
        (ConnectionFacts(90, 15, None), WARN),
        (ConnectionFacts(90, None, 2), FAIL),
        (ConnectionFacts(4, 50, 50), FAIL),
        (ConnectionFacts(12, None, None), FAIL),
        (ConnectionFacts(13, None, None), WARN),
        (ConnectionFacts(25, None, None), WARN),
        (ConnectionFacts(26, None, None), OK),
    ],
)
def test_connections(facts, verdict):
    assert policy.connections(facts).verdict == verdict


def test_each_table_with_a_right_that_is_lacking_is_named():
    assert [one.verdict for one in policy.rights({})] == [OK]
    (found,) = policy.rights({"attempts": ("INSERT", "UPDATE")})
    assert (found.verdict, found.subject) == (FAIL, "attempts")
    assert "grant INSERT, UPDATE on attempts" in str(found.next_step)
