"""The memory of refused secrets in the journal's database, as two workers see it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.support.postgres.journal import RealClock
from tests.support.signing.refused_secrets import ONE, OTHER, PROOF, RefusedSecretsConformance, reserved
from worker.admin.errors import WrongConfiguration
from worker.admin.signer_unblocking import unblock_signer
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.journal.settings import JournalSettings
from worker.settings.model import Settings
from worker.signing.port import LEASE, SigningFailed, Standing


@pytest.fixture
def mine(settings):
    return RefusedSecretsJournal(settings, RealClock()).of("dr-a")


@pytest.fixture
def theirs(settings):
    return RefusedSecretsJournal(settings, RealClock()).of("dr-b")


class TestInTheJournal(RefusedSecretsConformance):
    """The same as of the memory of one process."""


async def pass_by(connection, owner, seconds=LEASE + 1):
    """Let this worker's reservation be so many seconds older."""
    await connection.execute(
        "update refused_secrets set trying_since = trying_since - make_interval(secs => $1)", seconds
    )
    owner._reserved[ONE] -= timedelta(seconds=seconds)


async def test_a_try_whose_worker_died_is_in_doubt_after_a_while(mine, theirs, connection):
    await reserved(mine)
    await pass_by(connection, mine)

    assert await reserved(theirs) is Standing.DOUBTFUL
    assert await reserved(theirs, known_good=True) is Standing.FREE


async def test_a_try_whose_worker_died_counts_as_one_without_an_answer(mine, theirs, connection):
    await reserved(mine, proof=PROOF)
    await mine.accept(ONE, PROOF)
    await reserved(mine, proof=PROOF)
    assert await reserved(theirs, proof=PROOF) is Standing.BUSY
    await pass_by(connection, mine)

    assert await theirs.standing(ONE, PROOF) is Standing.AGAIN
    assert await reserved(theirs, proof=PROOF) is Standing.AGAIN
    await pass_by(connection, theirs)
    assert await mine.standing(ONE, PROOF) is Standing.DOUBTFUL
    assert await reserved(mine, proof=PROOF) is Standing.DOUBTFUL


async def test_only_one_takes_over_what_a_dead_worker_left(mine, theirs, connection):
    await reserved(mine, proof=PROOF)
    await mine.accept(ONE, PROOF)
    await reserved(mine, proof=PROOF)
    await pass_by(connection, mine)

    found = await asyncio.gather(*(reserved(one, proof=PROOF) for one in (mine, theirs) * 5))

    assert sorted(found) == [Standing.AGAIN] + [Standing.BUSY] * 9


async def test_a_lost_answer_that_is_written_twice_counts_once(mine, theirs):
    """As where the commit's own answer is lost, and the transaction is repeated."""
    await reserved(mine, proof=PROOF)
    await mine.accept(ONE, PROOF)
    await reserved(mine, proof=PROOF)
    known = dict(mine._reserved)
    assert not await mine.unanswered(ONE, PROOF)
    mine._reserved.update(known)

    assert not await mine.unanswered(ONE, PROOF)
    assert await reserved(theirs, proof=PROOF) is Standing.AGAIN


async def test_a_late_acceptance_leaves_the_try_of_another_worker_alone(mine, theirs, connection):
    await reserved(mine, proof=PROOF)
    await pass_by(connection, mine)
    await reserved(theirs, known_good=True, proof=PROOF)
    await mine.accept(ONE, PROOF)

    assert await theirs.renew(ONE)


async def test_a_renewed_try_is_in_no_doubt(mine, theirs, connection):
    await reserved(mine)
    await pass_by(connection, mine, LEASE - 1)
    assert await mine.renew(ONE)

    (left,) = await connection.fetchrow(
        "select extract(epoch from trying_since + make_interval(secs => $1) - clock_timestamp())::float8"
        " from refused_secrets",
        LEASE,
    )
    assert LEASE - 1 < left <= LEASE
    assert await reserved(theirs, known_good=True) is Standing.BUSY


async def test_a_renewal_whose_answer_was_lost_is_known_again(mine, theirs):
    await reserved(mine)
    told = mine._reserved[ONE]
    await mine.renew(ONE)
    mine._reserved[ONE] = told

    assert await mine.renew(ONE)
    await mine.release(ONE)
    assert await reserved(theirs) is Standing.FREE


async def test_a_worker_that_lost_its_reservation_says_so_and_leaves_the_others_alone(
    mine, theirs, connection, caplog
):
    await reserved(mine)
    await pass_by(connection, mine)
    assert await reserved(theirs, known_good=True) is Standing.FREE

    assert not await mine.renew(ONE)
    await mine.doubt(ONE)
    await mine.release(ONE)

    (said,) = caplog.records
    assert (said.signer, "another worker may try the secret" in said.message) == ("dr-a", True)
    assert await theirs.renew(ONE)
    assert await reserved(mine, known_good=True) is Standing.BUSY


async def test_a_refusal_counts_also_from_a_worker_that_lost_its_reservation(mine, theirs, connection):
    await reserved(mine)
    await pass_by(connection, mine)
    await reserved(theirs, known_good=True)

    await mine.note(ONE)
    await theirs.release(ONE)

    assert await theirs.refused(ONE)


async def test_no_secret_is_stored_and_a_right_one_not_even_as_a_digest(mine, connection):
    await reserved(mine)
    await mine.release(ONE)
    await mine.note(OTHER)

    (row,) = await connection.fetch("select * from refused_secrets")
    assert (row["digest"], row["signers"]) == (OTHER, ["dr-a"])
    assert await connection.fetch("select * from accepted_secrets") == []


async def test_without_the_journal_nothing_is_tried():
    gone = RefusedSecretsJournal(JournalSettings(dsn="postgresql://127.0.0.1:9/none"), RealClock()).of("dr-a")

    for asking in (gone.key(), gone.refused(ONE), gone.reserve(ONE, known_good=True)):
        with pytest.raises(SigningFailed, match="without the journal") as caught:
            await asking
        assert caught.value.transient


def configured(settings: JournalSettings, *names: str) -> Settings:
    signer = {"kind": "pkcs11", "module": "/m.so"}
    return Settings(
        kafka={"bootstrap_servers": ["127.0.0.1:9"]},
        journal=settings,
        signers=dict.fromkeys(names, signer),
        systems={"nhis": {"senders": {names[0]: {"uin": "2300000001"}}}},
    )


@pytest.mark.parametrize("end", ["note", "doubt"])
async def test_an_operator_lets_every_signer_with_that_secret_try_it_once_more(
    mine, theirs, settings, connection, end
):
    await reserved(mine)
    await getattr(mine, end)(ONE)
    await reserved(theirs)
    await theirs.note(OTHER)

    forgotten = await unblock_signer(configured(settings, "dr-b"), "dr-b", who="op", reason="typo")

    assert forgotten == 2
    assert await reserved(mine) is await reserved(theirs, OTHER) is Standing.FREE
    entry = await connection.fetchrow("select who, act, reason, system, details from audit_log")
    assert tuple(entry) == ("op", "unblock-signer", "typo", "all", '{"signer": "dr-b", "forgotten": 2}')


async def test_other_signers_secrets_stay_refused(mine, theirs, settings, connection):
    await mine.note(ONE)

    assert await unblock_signer(configured(settings, "dr-b"), "dr-b", who="op", reason=None) == 0
    assert await theirs.refused(ONE)
    assert await connection.fetchval("select count(*) from audit_log") == 0


async def test_a_signer_that_is_not_configured_is_named(settings):
    with pytest.raises(WrongConfiguration, match="no signer 'dr-z' in the configuration: dr-a"):
        await unblock_signer(configured(settings, "dr-a"), "dr-z", who="op", reason=None)
