"""When something goes wrong that the plan does not know, the demo fails and says what."""

from __future__ import annotations

import io
import tempfile

import pytest
from rich.console import Console

from herald.demo.acts import ACCEPTED, REACTION, Act, Expected, Nrns, Round
from herald.demo.cast import Cast
from herald.demo.run import run
from herald.demo.sandbox import Sandbox
from herald.demo.vaccines import INFLUENZA

pytestmark = pytest.mark.timeout(180)


def bad_morning(cast: Cast) -> list[Round]:
    """Two doses; then a reaction whose answer is lost, of which the plan says nothing, and a search too sure."""

    def doses(_: Nrns) -> list[Act]:
        return [cast.register(f"dose-{index}", index, INFLUENZA) for index in (0, 1)]

    def desk_work(nrns: Nrns) -> list[Act]:
        reaction = {"startDate": cast.today.isoformat(), "description": "Болка"}
        return [
            cast.ask("reaction-0", REACTION, 0, {"nrn": nrns["dose-0"], "reaction": reaction}),
            cast.ask(
                "search-1", "immunization.search", 1, {"nrn": nrns["dose-1"]}, Expected(ACCEPTED, found=7)
            ),
        ]

    def lose_the_answer(sandbox: Sandbox) -> None:
        sandbox.faults([{"kind": "drop-after", "match": {"messageType": "I005"}}])

    return [Round("doses", lambda _: None, doses), Round("desk work", lose_the_answer, desk_work)]


def test_what_is_not_expected_is_named_and_the_exit_code_is_1(short_tmp, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(short_tmp))
    documents: list[dict] = []
    output = io.StringIO()

    code = run(Console(file=output, width=140), publish=documents.append, plan=bad_morning)

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
