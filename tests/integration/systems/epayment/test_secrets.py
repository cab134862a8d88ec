"""A client's secret: a wrong one blocks its submissions alone, and a changed one counts without a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.systems.epayment.hospital import (
    DESK,
    OFFICE,
    SYSTEM,
    ais,
    client_of,
    lines_of,
    requested,
    section_of,
)
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import herald, serving
from tests.support.worker.probes import probe

RELOAD_SECONDS = 0.2


@pytest.fixture
def sandbox(sandbox_of):
    return sandbox_of(SYSTEM)


def test_a_wrong_secret_blocks_its_client_until_the_right_one_is_loaded(play, sandbox, tmp_path):
    secret = tmp_path / "desk.secret"
    right = Path(sandbox.ready["clients"][0]["secret_file"]).read_text(encoding="utf-8")
    secret.write_text("invented and wrong\n", encoding="utf-8")

    async def scene(installation):
        config = installation.config({"signing": {"reload_seconds": RELOAD_SECONDS}})
        async with serving(config) as worker, installation.reading() as answers:
            await installation.publish(requested("wrong"), requested("other", signer=OFFICE))
            await answers.answered(["wrong", "other"])
            assert (await probe(worker.health.address, "/readyz")).status == 200
            secret.write_text(right, encoding="utf-8")
            await asyncio.sleep(10 * RELOAD_SECONDS)
            await installation.publish(requested("right"))
            await answers.answered(["right"])
            letter = answers.only("wrong").json["deadLetter"]["id"]
            done = await asyncio.to_thread(herald, "dead-letters", "replay", letter, "--config", config)
            await answers.until(lambda it: any(one.kind == "accepted" for one in it.of("wrong")))
            secret.write_text("invented and wrong again\n", encoding="utf-8")
            await asyncio.sleep(10 * RELOAD_SECONDS)
            await installation.publish(requested("wrong again"))
            await answers.answered(["wrong again"])
        return answers, done

    section = section_of(
        sandbox, clients={DESK: client_of(sandbox, 0, secret), OFFICE: client_of(sandbox, 1)}
    )
    answers, done = play(SYSTEM, sandbox, scene, signers={}, section=section)
    assert done.returncode == 0, done.stderr
    denied, replayed = answers.of("wrong")
    for reply in (denied, answers.only("wrong again")):
        check_reply(reply)
        assert (reply.kind, reply.json["code"]) == ("failed", "access-denied")
        assert DESK in reply.json["message"]
        assert "wrong\n" not in reply.json["message"]
    assert (replayed.kind, replayed.headers["ce_revision"]) == ("accepted", "2")
    assert [answers.only(name).kind for name in ("other", "right")] == ["accepted", "accepted"]
    ledger = sandbox.ledger()
    assert [len(lines_of(ledger, name)) for name in ("wrong", "right", "other", "wrong again")] == [
        1,
        1,
        1,
        0,
    ]
    assert ais("wrong again") not in {one["aisPaymentId"] for one in ledger["payments"]}
