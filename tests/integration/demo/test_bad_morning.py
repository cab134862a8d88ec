"""When something goes wrong that the plan does not know, the demo fails and says what."""

from __future__ import annotations

import io
import tempfile
from datetime import date

import pytest
from rich.console import Console

from demo.acts import ACCEPTED, Act, Expected, Round, undisturbed
from demo.nhis.production import Nhis, cast_of
from demo.nhis.records import REACTION, SEARCH, nrns
from demo.nhis.vaccines import INFLUENZA
from demo.played import Played
from demo.run import run
from demo.sandbox import Sandbox

pytestmark = pytest.mark.timeout(180)


class BadMorning(Nhis):
    """Two doses; then a reaction whose answer is lost, of which the plan says nothing, and a search too sure."""

    def rounds(self, sandbox: Sandbox, today: date) -> list[Round]:
        cast = cast_of(sandbox, today)

        def doses(_: Played) -> list[Act]:
            return [cast.register(f"dose-{index}", index, INFLUENZA) for index in (0, 1)]

        def desk_work(played: Played) -> list[Act]:
            known = nrns(played)
            reaction = {"startDate": cast.today.isoformat(), "description": "Болка"}
            return [
                cast.ask("reaction-0", REACTION, 0, {"nrn": known["dose-0"], "reaction": reaction}),
                cast.ask("search-1", SEARCH, 1, {"nrn": known["dose-1"]}, Expected(ACCEPTED, found=7)),
            ]

        def lose_the_answer(sandbox: Sandbox) -> None:
            sandbox.faults([{"kind": "drop-after", "match": {"messageType": "I005"}}])

        return [Round("doses", undisturbed, doses), Round("desk work", lose_the_answer, desk_work)]


def test_what_is_not_expected_is_named_and_the_exit_code_is_1(short_tmp, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(short_tmp))
    documents: list[dict] = []
    output = io.StringIO()

    code = run(Console(file=output, width=140), publish=documents.append, productions=(BadMorning(),))

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
