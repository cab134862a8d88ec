"""A worker that receives: what its system states about a submission that it delivered belongs to that submission."""

from __future__ import annotations

import json
from types import MethodType

import httpx
import pytest

from contracts import notifications
from tests.support.cli.commands import beside
from tests.support.inbound.invented import NAME, TYPE, TYPES, InventedSystem, body_of, signed
from tests.support.kafka.topics import create_topics, first_record
from tests.support.worker.hospital import register
from tests.support.worker.installation import serving
from worker import app
from worker.pipeline import routing

SECRET = "s" * 40


@pytest.fixture
def calling(monkeypatch):
    """Let NHIS, which makes no calls, make those of the invented system; everything else of it is as it is."""
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", TYPES)
    monkeypatch.setattr(routing, "NOTIFYING_SYSTEMS", (NAME,))
    build = app.build_systems

    def build_calling(*arguments, **options):
        built = build(*arguments, **options)
        invented = InventedSystem()
        for one in built:
            one.system.calls = invented.calls
            for method in ("receive", "receipt", "refusal"):
                setattr(one.system, method, MethodType(getattr(InventedSystem, method), one.system))
        return built

    monkeypatch.setattr(app, "build_systems", build_calling)


async def test_a_call_belongs_to_the_submission_that_the_worker_delivered(installation, calling, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    topic = f"{installation.topics.prefix}{NAME}.notifications"
    create_topics(installation.bootstrap, [topic])
    receiver = {
        "in_worker": True,
        "host": "127.0.0.1",
        "port": 0,
        "routes": {NAME: {"secret_file": str(tmp_path / "secret")}},
    }
    patient = installation.patient()
    config = installation.config({"receiver": receiver})
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(register("s-1", patient))
        await answers.answered(["s-1"])
        identity = (await installation.detail("s-1")).submission.identity
        _, port = worker._receiving.address
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/{NAME}/{SECRET}/status"
            body = body_of(identity)
            assert (await client.post(url, content=body)).status_code == 401
            assert (await client.post(url, content=body, headers=signed(body))).status_code == 200
            host, health = worker.health.address
            page = (await client.get(f"http://{host}:{health}/metrics")).text
    assert f'herald_notifications_total{{outcome="new",system="{NAME}"}} 1.0' in page
    record = first_record(installation.bootstrap, topic)
    headers = {name: value.decode() for name, value in record.headers()}
    detail = await installation.detail("s-1")
    assert (headers["ce_submissionid"], headers["ce_submissionsource"]) == ("s-1", detail.submission.source)
    assert (record.key(), json.loads(record.value())["paymentId"]) == (detail.reply.key, identity)
    assert [one.id for one in detail.notifications] == [headers["ce_id"]]
    watched = await beside(config)("watch", "--notifications", "--from-beginning", "--count", "1")
    assert watched.out == f"s-1  {TYPE}  paymentId {identity}, status paid\n"
    shown = await beside(config)("submissions", "show", "s-1", "--json")
    assert [one["id"] for one in shown.json[0]["notifications"]] == [headers["ce_id"]]
