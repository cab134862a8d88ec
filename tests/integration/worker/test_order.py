"""Order per patient, and nobody waits for another patient's trouble."""

from __future__ import annotations

import asyncio
import random
import time

from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation, eventually, serving
from tests.support.worker.ledger import registered_in_order


async def test_one_patients_submissions_keep_their_order_amid_many_others(installation):
    busy, others = installation.patient(), [installation.patient() for _ in range(200)]
    published = [register(f"busy-{number}", busy) for number in range(30)]
    for one in others:
        place = random.Random(one.number).randrange(len(published) + 1)
        published.insert(place, register(f"other-{one.number}", one))
    installation.nhis.fault("drop-after", match={"patient": busy.egn}, times=2)
    installation.nhis.fault("delay", times=None, probability=0.5, seconds=0.02)
    installation.nhis.fault("delay", times=None, probability=0.3, seconds=0.1)
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(*published)
        await answers.answered(one.id for one in published)
        await installation.all_committed()

    assert set(answers.kinds().values()) == {"accepted"}
    await registered_in_order(installation, [busy, *others], published)


async def test_a_patient_in_trouble_holds_up_only_himself(kafka, journal_dsn, nhis, tmp_path):
    installation = Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, partitions=1)
    troubled, others = installation.patient(), [installation.patient() for _ in range(40)]
    nhis.fault("status", match={"patient": troubled.egn}, status=503, times=None)
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(register("troubled-1", troubled), register("troubled-2", troubled))
        await installation.state("troubled-1", "claimed", "sending")
        began = time.monotonic()
        await installation.publish(*(register(f"other-{one.number}", one) for one in others))
        await answers.answered(f"other-{one.number}" for one in others)
        took = time.monotonic() - began
        assert answers.of("troubled-1") == []
        nhis.calm()
        await answers.answered(["troubled-1", "troubled-2"])
        await installation.all_committed()

    details = await installation.details(["troubled-1", *(f"other-{one.number}" for one in others)])
    alone = max(
        (one.submission.finished_at - one.submission.received_at).total_seconds() for one in details[1:]
    )
    assert alone <= took < 5
    assert details[0].submission.attempts > 1
    by_patient = [
        one["lrn"] for one in nhis.ledger()["registrations"] if one["patient"] == troubled.in_ledger
    ]
    assert by_patient == [
        one.submission.identity for one in await installation.details(["troubled-1", "troubled-2"])
    ]


async def test_nothing_beyond_an_unfinished_record_is_committed(kafka, journal_dsn, nhis, tmp_path):
    installation = Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path, partitions=1)
    first, stuck, last = installation.patient(), installation.patient(), installation.patient()
    nhis.fault("status", match={"patient": stuck.egn}, status=503, times=None)
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(register("first", first), register("stuck", stuck), register("last", last))
        await answers.answered(["first", "last"])
        await eventually(installation.committed, lambda found: found == {0: 1})
        await asyncio.sleep(0.5)
        assert await installation.committed() == {0: 1}
        nhis.calm()
        await answers.answered(["stuck"])
        await installation.all_committed()
        assert await installation.committed() == {0: 3}
