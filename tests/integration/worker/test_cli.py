"""The command line against real servers: what people and programs get from it, and the exit codes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import pytest
from lxml import etree

from tests.support.worker.hospital import REGISTER, event, register, registration
from tests.support.worker.installation import Installation, herald, serving

Done = CompletedProcess[str]


@dataclass(frozen=True)
class Scene:
    """What every command did."""

    installation: Installation
    nrn: str
    done: dict[str, Done]

    def json(self, name: str) -> Any:
        return json.loads(self.done[name].stdout)

    def lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in self.done[name].stdout.splitlines()]


@pytest.fixture(scope="module")
def scene(play):
    return play(_scene)


async def _scene(installation: Installation) -> Scene:
    config, done = installation.config(), {}

    async def run(name: str, *arguments: object) -> None:
        done[name] = await asyncio.to_thread(herald, *arguments, "--config", config, forked=False)

    patient = installation.patient()
    good, bad = (
        register("good", patient),
        event("bad", REGISTER, patient, registration(patient, vaccineCode="0")),
    )
    file, keyless = installation.directory / "events.jsonl", installation.directory / "keyless.json"
    file.write_text(
        "\n".join(json.dumps(json.loads(one.value) | {"partitionkey": "p"}) for one in (good, bad))
    )
    keyless.write_bytes(good.value)
    accepted = installation.directory / "accepted.json"
    accepted.write_bytes(good.value)
    await asyncio.gather(run("migrate", "journal", "migrate"), run("pull", "nomenclatures", "pull", "--json"))
    async with serving(config), installation.reading() as answers:
        await asyncio.gather(
            run("submit", "submit", file),
            run("watch", "watch", "--json", "--from-beginning", "--count", "2"),
            run("keyless", "submit", keyless),
        )
        await answers.answered(["good", "bad"])
        await asyncio.gather(
            run("wait", "submit", file, "--wait", "--json"),
            run("wait people", "submit", accepted, "--key", "p", "--wait"),
            run("watch people", "watch", "--from", "bad", "--count", "1"),
            run("nomenclatures", "nomenclatures", "list", "--json"),
            run("nomenclature", "nomenclatures", "show", "CL037", "--json"),
            run("nomenclature people", "nomenclatures", "show", "CL037"),
            run("no nomenclature", "nomenclatures", "show", "CL000"),
        )
        waiting = asyncio.create_task(run("watch nobody", "watch", "--from", "nobody", "--count", "1"))
        while not waiting.done():
            await run("again", "submit", accepted, "--key", "p")
    await run("no reply", "submit", file, "--wait", "--timeout", "1")
    evidence = ("--evidence", installation.directory / "evidence")
    await asyncio.gather(
        run("list", "submissions", "list", "--json"),
        run("list people", "submissions", "list", "--state", "accepted", "--since", "2026-01-01"),
        run("list later", "submissions", "list", "--since", "2999-01-01T00:00:00", "--json"),
        run("show", "submissions", "show", "good", "--json", *evidence),
    )
    await asyncio.gather(
        run("show people", "submissions", "show", "bad"), run("show nothing", "submissions", "show", "nobody", "--json")
    )  # fmt: skip
    return Scene(installation, answers.only("good").json["data"]["nrn"], done)


def test_exit_codes(scene):
    failing = {"keyless": 2, "show nothing": 1, "no nomenclature": 1, "wait": 1, "no reply": 1}

    assert {name: done.returncode for name, done in scene.done.items()} == {
        **dict.fromkeys(scene.done, 0),
        **failing,
    }
    assert not [name for name, done in scene.done.items() if "Traceback" in done.stderr]


def test_a_second_migration_does_nothing_and_says_so(scene):
    assert "up to date" in scene.done["migrate"].stderr
    assert "applied" not in scene.done["migrate"].stderr


def test_nomenclatures_pull(scene):
    pulled = scene.json("pull")

    assert pulled["problems"] == []
    assert next(one["codes"] for one in pulled["lists"] if one["list"] == "CL037") > 10


def test_submit_tells_people_on_stderr(scene):
    done = scene.done["submit"]

    assert done.stdout == ""
    assert "2 events published" in done.stderr
    assert scene.installation.topics.submissions in done.stderr


def test_submit_takes_nothing_without_a_key(scene):
    assert "partitionkey" in scene.done["keyless"].stderr


def test_watch_prints_the_replies_as_json_lines(scene):
    replies = {one["headers"]["ce_submissionid"]: one for one in scene.lines("watch")}

    assert set(replies) == {"good", "bad"}
    assert replies["good"]["data"]["data"]["nrn"] == scene.nrn
    assert replies["bad"]["data"]["code"] == "unknown-code"
    assert replies["bad"]["topic"] == scene.installation.topics.errors


def test_submit_waits_for_the_replies(scene):
    waited = scene.json("wait")

    assert [one["id"] for one in waited["published"]] == ["good", "bad"]
    assert {
        one["headers"]["ce_submissionid"]: one["headers"]["ce_type"].split(".")[-2]
        for one in waited["replies"]
    } == {
        "good": "accepted",
        "bad": "failed",
    }
    assert waited["unanswered"] == []
    assert scene.nrn in scene.done["wait people"].stdout


def test_submit_says_which_replies_did_not_come(scene):
    assert scene.done["no reply"].stdout == ""
    assert "No reply within 1 s to good, bad" in scene.done["no reply"].stderr


def test_watch_begins_at_a_submission_and_names_the_fields(scene):
    first, *fields = scene.done["watch people"].stdout.splitlines()

    assert first.startswith("bad  failed  unknown-code: ")
    assert [line.split()[0] for line in fields] == ["$.data.immunization.vaccineCode", "dead"]


def test_watch_waits_for_a_submission_that_has_no_reply_yet(scene):
    assert "no reply to nobody yet" in scene.done["watch nobody"].stderr


def test_nomenclatures_are_shown(scene):
    pulled = {one["list"]: one["codes"] for one in scene.json("pull")["lists"]}

    assert {one["id"]: one["codes"] for one in scene.json("nomenclatures")} == pulled
    assert len(scene.json("nomenclature")["codes"]) == pulled["CL037"]
    assert next(iter(scene.json("nomenclature")["codes"])) in scene.done["nomenclature people"].stdout
    assert "nomenclatures list" in scene.done["no nomenclature"].stderr


def test_submissions_list(scene):
    rows = {one["id"]: one for one in scene.json("list")}

    assert {name: row["state"] for name, row in rows.items()} == {"good": "accepted", "bad": "failed"}
    assert "good" in scene.done["list people"].stdout
    assert "bad" not in scene.done["list people"].stdout
    assert scene.json("list later") == []


def test_submissions_show_without_health_data(scene):
    (shown,) = scene.json("show")
    patient = scene.installation.nhis.ledger()["registrations"][0]

    assert shown["submission"]["id"] == "good"
    assert [one["outcome"] for one in shown["attempts"]] == ["accepted"]
    assert patient["nrn"] not in scene.done["show"].stdout
    assert "Измислен" not in scene.done["show"].stdout
    assert "unknown-code" in scene.done["show people"].stdout


def test_evidence_is_written_where_it_is_asked_for(scene):
    (attempt,) = scene.json("show")[0]["attempts"]
    folder = scene.installation.directory / "evidence"

    request = etree.fromstring((folder / f"{attempt['message_id']}.request.xml").read_bytes())
    answer = etree.fromstring((folder / f"{attempt['message_id']}.answer.xml").read_bytes())
    reply = json.loads((folder / "good.reply.json").read_text())

    assert etree.QName(request[-1]).localname == "Signature"
    assert answer.find("{*}contents/{*}nrnImmunization").get("value") == scene.nrn
    assert reply["data"]["nrn"] == scene.nrn
    assert folder.stat().st_mode & 0o077 == 0


def test_show_of_nothing_says_so(scene):
    assert scene.done["show nothing"].stdout == ""
    assert "nobody" in scene.done["show nothing"].stderr
