"""What `herald submissions show` tells of an address: its server alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from worker.cli.commands import submissions

EGN = "7223154154"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def show(monkeypatch, options, **changes):
    """Show a submission of one attempt."""
    attempt = {
        "number": 1, "purpose": "look-up", "step": None, "message_id": "m", "url": "https://erx.test:8443",
        "sent_at": AT, "received_at": AT, "status": 200, "outcome": "accepted", "reason": None, "detail": None,
    }  # fmt: skip
    attempt = SimpleNamespace(**attempt | changes)
    row = SimpleNamespace(
        id="1", source="/s", type="t", signer="one", identity="i", state=SimpleNamespace(value="accepted"),
        in_doubt=False, revision=1, topic="t", partition=0, offset=1, received_at=AT, next_attempt=None,
        finished_at=AT, answered=True, evidence_removed_at=None, summarized=False, dead_letter_id=None,
    )  # fmt: skip
    detail = SimpleNamespace(
        submission=row, attempts=[attempt], dead_letter=None, reply=None, waiting=None, notifications=()
    )

    async def shown(*_):
        return [detail]

    monkeypatch.setattr(submissions, "settings_of", lambda _: SimpleNamespace(journal=None))
    monkeypatch.setattr(submissions, "show_submission", shown)
    monkeypatch.setattr(submissions, "print_json", lambda found: typer.echo(json.dumps(found, default=str)))
    return CliRunner().invoke(submissions.app, ["show", "1", *options])


@pytest.mark.parametrize(
    "path",
    [f"/fhir/MedicationRequest?subject.identifier={EGN}", f"/hospitalizations/{EGN}/2201", f"#{EGN}", ""],
)
@pytest.mark.parametrize("options", [["--json"], []])
def test_what_is_shown_of_an_address_holds_no_patient(monkeypatch, path, options):
    told = show(monkeypatch, options, url="https://erx.test:8443" + path)
    assert told.exit_code == 0, told.output
    assert EGN not in told.output
    if options:
        assert json.loads(told.output)[0]["attempts"][0]["url"] == "https://erx.test:8443"


@pytest.mark.parametrize(("step", "shown"), [(None, "look-up"), ("send", "look-up (send)")])
def test_an_attempt_is_shown_with_its_step(monkeypatch, step, shown):
    told = show(monkeypatch, [], step=step)
    assert shown in told.output
    assert ("look-up (" in told.output) is (step is not None)
    (found,) = json.loads(show(monkeypatch, ["--json"], step=step).output)
    assert (found["attempts"][0]["purpose"], found["attempts"][0]["step"]) == ("look-up", step)
