"""An event comes again after retention: it is answered by a summary, and NHIS hears nothing of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import asyncpg

from tests.support.postgres.ageing import A_HUNDRED_DAYS
from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, herald, serving


async def test_a_redelivery_after_retention_is_answered_and_sends_nothing(installation):
    config = installation.config()
    good, other = (register(name, installation.patient()) for name in ("good", "other"))
    bad = register("bad", installation.patient())
    bad = replace(bad, value=bad.value.replace(b'"signer": "dr-', b'"signer": "unknown-'))
    async with installation.reading() as answers, serving(config):
        await installation.publish(good, bad)
        await answers.answered(["good", "bad"])
        await installation.all_committed()
        whole = answers.only("good")
        connection = await asyncpg.connect(installation.dsn)
        unanswered = "select count(*) from submissions where not answered"
        await eventually(lambda: connection.fetchval(unanswered), lambda count: count == 0)
        await connection.execute(A_HUNDRED_DAYS)
        await connection.execute(
            "update dead_letters set state = 'discarded', created_at = created_at - interval '100 days'"
        )
        await connection.close()
        pruned = await asyncio.to_thread(
            herald, "journal", "prune", "--evidence-days", "30", "--json", "--config", config
        )
        assert json.loads(pruned.stdout) == {
            "evidence": 1,
            "dead_letters": 1,
            "replies": 2,
            "unreadable": 0,
            "identities": 0,
            "days": 0,
            "kept": 0,
            "postponed": 0,
            "files": 0,
            "notifications": 0,
        }
        requests = len(installation.nhis.requests())

        await installation.publish(
            good, bad, replace(other, id="good", value=other.value.replace(b'"other"', b'"good"'))
        )
        await answers.until(
            lambda it: len(it.of("good")) == 2 and len(it.of("bad")) == 2 and it.dead("conflict")
        )
        await installation.publish(good)
        await answers.until(lambda it: len(it.of("good")) == 3)
        await installation.all_committed()

    _, first, second = answers.of("good")
    assert first.said == second.said
    assert first.headers["ce_retained"] == "summary"
    assert first.headers["ce_id"] == whole.headers["ce_id"]
    assert first.json["data"]["nrn"] == whole.json["data"]["nrn"]
    assert first.json["answer"] is None
    assert answers.of("bad")[1].json["code"] == "unknown-signer"
    assert len(installation.nhis.requests()) == requests
    shown = await asyncio.to_thread(herald, "submissions", "show", "good", "--config", config)
    assert "removed by retention" in shown.stdout
