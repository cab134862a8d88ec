"""When something goes wrong that the plan does not know, the demo fails and says what."""

from __future__ import annotations

import io
import tempfile
from datetime import date

import pytest
from rich.console import Console

from demo.nhis.records import REACTION, SEARCH, nrns
from demo.nhis.scenario import Nhis, people_of
from demo.nhis.vaccines import INFLUENZA
from demo.run import run
from demo.sandbox import Sandbox
from demo.steps import ACCEPTED, Expected, Phase, Results, Step, no_faults

pytestmark = pytest.mark.timeout(180)


class UnexpectedOutcomes(Nhis):
    """Two doses; then a reaction whose answer is lost, of which the plan says nothing, and a search too sure."""

    def phases(self, sandbox: Sandbox, today: date) -> list[Phase]:
        people = people_of(sandbox, today)

        def doses(_: Results) -> list[Step]:
            return [people.register(f"dose-{index}", index, INFLUENZA) for index in (0, 1)]

        def follow_ups(results: Results) -> list[Step]:
            known = nrns(results)
            reaction = {"startDate": people.today.isoformat(), "description": "Болка"}
            return [
                people.ask("reaction-0", REACTION, 0, {"nrn": known["dose-0"], "reaction": reaction}),
                people.ask("search-1", SEARCH, 1, {"nrn": known["dose-1"]}, Expected(ACCEPTED, found=7)),
            ]

        def lose_the_answer(sandbox: Sandbox) -> None:
            sandbox.faults([{"kind": "drop-after", "match": {"messageType": "I005"}}])

        return [Phase("doses", no_faults, doses), Phase("follow-ups", lose_the_answer, follow_ups)]


def test_what_is_not_expected_is_named_and_the_exit_code_is_1(short_tmp, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(short_tmp))
    documents: list[dict] = []
    output = io.StringIO()

    code = run(Console(file=output, width=140), publish=documents.append, scenarios=(UnexpectedOutcomes(),))

    assert code == 1
    (document,) = documents
    assert document["mismatches"] == [
        "reaction-0: held, expected accepted",
        "reaction-0: dead letters outcome-unknown, expected none",
        "search-1: 1 found, expected 7",
    ]
    assert (document["submissions"], document["accepted"], document["failed"]) == (4, 3, 1)
    (logs,) = short_tmp.iterdir()
    assert f"The logs are in {logs}" in output.getvalue()
    assert (logs / "worker.log").exists()
