"""What a settlement states, from the options of the command line."""

from __future__ import annotations

import pytest
import typer

from worker.cli.commands.dead_letters.options import Verdict, stated


@pytest.mark.parametrize(
    ("nrn", "pairs", "expected"),
    [
        ("25073B00Q1X3", [], {"nrn": "25073B00Q1X3"}),
        ("25073B00Q1X3", ["status=1"], {"nrn": "25073B00Q1X3", "status": "1"}),
        # Not every system gives a NRN.
        (None, ["reference=2025/17=A"], {"reference": "2025/17=A"}),
        (None, ["alreadyRegistered=true"], {"alreadyRegistered": True}),
        # The system may have named the number itself.
        (None, [], {}),
    ],
)
def test_what_is_there_is_stated_by_number_or_by_data(nrn, pairs, expected):
    assert stated(Verdict.ACCEPTED, nrn, pairs) == expected


@pytest.mark.parametrize(
    ("verdict", "nrn", "pairs", "words"),
    [
        (Verdict.ACCEPTED, None, ["x"], "NAME=VALUE"),
        (Verdict.NOT_SENT, None, ["x=1"], "use them with --as accepted"),
    ],
)
def test_options_that_contradict_end_the_command(capsys, verdict, nrn, pairs, words):
    with pytest.raises(typer.Exit):
        stated(verdict, nrn, pairs)
    assert words in " ".join(capsys.readouterr().err.split())


def test_what_is_not_there_states_nothing():
    assert stated(Verdict.NOT_SENT, None, []) is None
