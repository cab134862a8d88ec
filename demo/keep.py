"""What `--keep` leaves running: its addresses, and commands that work when pasted."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from demo.signals import Told

if TYPE_CHECKING:
    from rich.console import Console

    from demo.stage import Stage

WIDEST = 18
"""Characters of the longest name of an address, with the gap."""
LOST_ANSWER = json.dumps({"rules": [{"kind": "drop-after", "times": 1}], "append": True})


def herald() -> str:
    """Return how this installation's `herald` is called from here."""
    here = Path(sys.executable).parent / "herald"
    if not here.exists():
        return f"{shlex.quote(sys.executable)} -m worker"
    if shutil.which("herald") == str(here):
        return "herald"
    return shlex.quote(str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here))


def show_addresses(console: Console, stage: Stage) -> None:
    """Print what runs where, and what to try."""
    addresses = {
        "Kafka": stage.kafka.address,
        **{f"{one.title} sandbox": _sandbox(stage, one.system) for one in stage.productions},
        "journal": stage.dsn,
        "worker's probes": f"{stage.health_url}/readyz",
        "settings": str(stage.config),
        "logs": f"{stage.directory}/*.log",
    }
    _print(console, "\nStill running; Ctrl-C ends it.")
    for name, address in addresses.items():
        _print(console, f"  {name:{WIDEST}}{address}")
    _print(console, f"\nFor the commands of README.md:\n  {exports(stage)}")
    for purpose, commands in suggestions(stage).items():
        _print(console, f"\n{purpose}:")
        for command in commands:
            _print(console, f"  {command}")


def exports(stage: Stage) -> str:
    """Return the shell command that sets the variables of README.md's commands."""
    values = {"DEMO": stage.directory, "KAFKA": stage.kafka.address, "HERALD_CONFIG": stage.config}
    return "export " + " ".join(f"{name}={shlex.quote(str(value))}" for name, value in values.items())


def suggestions(stage: Stage) -> dict[str, list[str]]:
    """Return commands to try, by what they are for."""
    config = f"--config {shlex.quote(str(stage.config))}"
    found: dict[str, list[str]] = {}
    for one in stage.productions:
        for purpose, command in one.suggestions(stage.sandboxes[one.system], stage.directory).items():
            found[purpose] = [f"{herald()} {line} {config}" for line in command]
    for one in stage.productions:
        sandbox = stage.sandboxes[one.system]
        curl = f"curl --cacert {shlex.quote(sandbox.ca_file)}"
        found[f"Ask {one.title} what it holds, and let its next answer get lost"] = [
            f"{curl} {sandbox.url}/_sandbox/ledger",
            f"{curl} --data {shlex.quote(LOST_ANSWER)} {sandbox.url}/_sandbox/faults",
        ]
    found["Ask the worker how it is"] = [f"curl {stage.health_url}/readyz"]
    return found


def _sandbox(stage: Stage, system: str) -> str:
    sandbox = stage.sandboxes[system]
    return f"{sandbox.url} (control: {sandbox.url}/_sandbox/ledger; authority: {sandbox.ca_file})"


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
