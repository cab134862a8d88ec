"""What `--keep` leaves running: its addresses, and commands that work when pasted."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from herald.demo.acts import REGISTER, event
from herald.demo.signals import Told
from herald.demo.vaccines import COVID

if TYPE_CHECKING:
    from rich.console import Console

    from herald.demo.cast import Cast
    from herald.demo.stage import Stage

LOST_ANSWER = json.dumps({"rules": [{"kind": "drop-after", "times": 1}], "append": True})


def herald() -> str:
    """Return how this installation's `herald` is called from here."""
    here = Path(sys.executable).parent / "herald"
    if not here.exists():
        return f"{shlex.quote(sys.executable)} -m herald"
    if shutil.which("herald") == str(here):
        return "herald"
    return shlex.quote(str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here))


def write_own_event(stage: Stage, cast: Cast) -> Path:
    """Write an event that nobody has published yet, ready for `herald submit`."""
    index = 0
    registration = cast.registration(index, COVID)
    own = json.loads(event("my-first", REGISTER, cast.doctor(index), registration))
    own["partitionkey"] = cast.patients[index].pseudonym
    path = stage.directory / "my-first.json"
    path.write_text(json.dumps(own, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def show_addresses(console: Console, stage: Stage, own_event: Path) -> None:
    """Print what runs where, and what to try."""
    control = f"{stage.sandbox.url}/_sandbox"
    addresses = {
        "Kafka": stage.kafka.address,
        "NHIS sandbox": stage.sandbox.url,
        "its control": f"{control}/ledger (docs/sandbox.md has the others)",
        "its authority": stage.sandbox.ca_file,
        "journal": stage.dsn,
        "worker's probes": f"{stage.health_url}/readyz",
        "settings": str(stage.config),
        "logs": f"{stage.directory}/*.log",
    }
    _print(console, "\nStill running; Ctrl-C ends it.")
    for name, address in addresses.items():
        _print(console, f"  {name:16}{address}")
    _print(console, f"\nFor the commands of README.md:\n  {exports(stage)}")
    for purpose, commands in suggestions(stage, own_event).items():
        _print(console, f"\n{purpose}:")
        for command in commands:
            _print(console, f"  {command}")


def exports(stage: Stage) -> str:
    """Return the shell command that sets the variables of README.md's commands."""
    values = {"DEMO": stage.directory, "KAFKA": stage.kafka.address, "HERALD_CONFIG": stage.config}
    return "export " + " ".join(f"{name}={shlex.quote(str(value))}" for name, value in values.items())


def suggestions(stage: Stage, own_event: Path) -> dict[str, list[str]]:
    """Return commands to try, by what they are for."""
    program, config = herald(), f"--config {shlex.quote(str(stage.config))}"
    curl, control = f"curl --cacert {shlex.quote(stage.sandbox.ca_file)}", f"{stage.sandbox.url}/_sandbox"
    return {
        "Publish an event of your own, and read its answer": [
            f"{program} submit {shlex.quote(str(own_event))} {config}",
            f"{program} watch --from-beginning {config}",
        ],
        "See what a person must decide, and how it came to that": [
            f"{program} submissions list --state held {config}",
            f"{program} submissions show reaction-09 {config}",
        ],
        "Ask NHIS what it holds, and let its next answer get lost": [
            f"{curl} {control}/ledger",
            f"{curl} --data {shlex.quote(LOST_ANSWER)} {control}/faults",
        ],
        "Ask the worker how it is": [f"curl {stage.health_url}/readyz"],
    }


def stay(stage: Stage) -> None:
    """Wait for Ctrl-C or another signal to end. Raises StageFailed if a part ends before."""
    try:
        while True:
            stage.check()
            time.sleep(0.5)
    except Told:
        return


def _print(console: Console, line: str) -> None:
    # Addresses and commands are for copying: the terminal may wrap them, we must not.
    console.print(line, soft_wrap=True, highlight=False, markup=False)
