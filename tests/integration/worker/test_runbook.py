"""docs/runbook.md: each command of Herald in it is run beside a worker that has a held submission and dead letters."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import dataclass

import pytest

from tests.deploy.prometheus_rule import groups
from tests.integration.worker.test_settlements import hold
from tests.support.cli.commands import Done, invoked
from tests.support.readme import ROOT
from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation, serving

TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
PARTS = ("**Means.**", "**Submissions meanwhile", "```sh\n", "**Do.**", "**Over**")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
BY_SECTION = {
    name: re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[0].splitlines() for name, text in SECTIONS.items()
}
COMMANDS = sorted({line for lines in BY_SECTION.values() for line in lines if line.startswith("herald ")})
# What a person does once the cause is fixed; elsewhere the page only looks.
ACTS = sorted(set(re.findall(r"`(herald (?:intake|dead-letters|journal) [^`]*)`", TEXT)) - set(COMMANDS))


@dataclass(frozen=True)
class Seen:
    """How each command ended."""

    done: dict[str, Done]


async def _run_all(installation: Installation) -> Seen:
    config = installation.config()
    async with serving(config), installation.reading() as answers:
        await hold(installation, answers, "drop-after")
        await installation.publish(register("wrong", installation.patient(), doseNumber="one"))
        await answers.answered(["wrong"])
        await installation.all_committed()
        variables = {"HERALD_CONFIG": str(config), "COLUMNS": "200"}
        done = {}
        for command in COMMANDS:
            words = shlex.split(command)[1:]
            done[command] = await asyncio.to_thread(invoked, *words, variables=variables)
    return Seen(done)


@pytest.fixture(scope="module")
def seen(play):
    return play(_run_all)


def test_every_alert_has_its_section_and_every_section_its_alert():
    alerts = {rule["alert"] for group in groups() for rule in group["rules"]}
    assert set(SECTIONS) == alerts
    assert len(re.findall(r"^## ", TEXT, re.MULTILINE)) == len(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_an_operator_needs(name):
    text = SECTIONS[name]
    places = [text.find(part) for part in PARTS]
    assert -1 not in places
    assert places == sorted(places)
    assert len(BY_SECTION[name]) == 3
    assert {line.split()[0] for line in BY_SECTION[name]} <= {"herald", "kubectl"}


# The topics of a test have other settings than `herald topics create` gives them: exit 3 says so.
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_run(seen, command):
    done = seen.done[command]
    assert done.code == (3 if command.startswith("herald topics create") else 0), done
    assert done.out + done.err


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("herald submissions list --state held --system nhis", "reaction"),
        ("herald dead-letters list --state open --system nhis", "contract-violation"),
        ("herald dead-letters list --state open --code outcome-unknown --system nhis", "reaction"),
        ("herald intake status", "Nothing is stopped"),
        ("herald intake losses", "No records are lost"),
    ],
)
def test_it_shows_what_the_section_is_about(seen, command, shown):
    assert shown in seen.done[command].out + seen.done[command].err


@pytest.mark.parametrize("command", ACTS)
def test_what_a_person_does_is_a_command_with_these_options(command):
    words = shlex.split(command)[1:]
    names = [one for one in words if re.fullmatch(r"[a-z-]+", one) and not one.startswith("--")]
    shown = invoked(*names[:2], "--help", variables={"COLUMNS": "200"})
    assert shown.code == 0
    assert [one for one in words if one.startswith("--") and one not in shown.out] == []
