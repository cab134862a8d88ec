"""The output of `--keep`: the addresses of what runs, and commands that work when pasted."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from demo.signals import StopRequested

if TYPE_CHECKING:
    from rich.console import Console

    from demo.environment import Environment

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


def show_addresses(console: Console, environment: Environment) -> None:
    """Print what runs where, and what to try."""
    addresses = {
        "Kafka": environment.kafka.address,
        **{f"{one.title} sandbox": _sandbox(environment, one.system) for one in environment.scenarios},
        "journal": environment.dsn,
        "worker's probes": f"{environment.health_url}/readyz",
        "settings": str(environment.config),
        "logs": f"{environment.directory}/*.log",
    }
    _print(console, "\nStill running; Ctrl-C ends it.")
    for name, address in addresses.items():
        _print(console, f"  {name:{WIDEST}}{address}")
    _print(console, f"\nFor the commands of README.md:\n  {exports(environment)}")
    for purpose, commands in suggestions(environment).items():
        _print(console, f"\n{purpose}:")
        for command in commands:
            _print(console, f"  {command}")


def exports(environment: Environment) -> str:
    """Return the shell command that sets the variables of README.md's commands."""
    values = {
        "DEMO": environment.directory,
        "KAFKA": environment.kafka.address,
        "HERALD_CONFIG": environment.config,
    }
    return "export " + " ".join(f"{name}={shlex.quote(str(value))}" for name, value in values.items())


def suggestions(environment: Environment) -> dict[str, list[str]]:
    """Return commands to try, by what they are for."""
    config = f"--config {shlex.quote(str(environment.config))}"
    found: dict[str, list[str]] = {}
    for one in environment.scenarios:
        for purpose, command in one.suggestions(
            environment.sandboxes[one.system], environment.directory
        ).items():
            found[purpose] = [f"{herald()} {line} {config}" for line in command]
    for one in environment.scenarios:
        sandbox = environment.sandboxes[one.system]
        curl = f"curl --cacert {shlex.quote(sandbox.ca_file)}"
        found[f"Show what {one.title} holds, and lose its next answer"] = [
            f"{curl} {sandbox.url}/_sandbox/ledger",
            f"{curl} --data {shlex.quote(LOST_ANSWER)} {sandbox.url}/_sandbox/faults",
        ]
    found["Query the worker's state"] = [f"curl {environment.health_url}/readyz"]
    return found


def _sandbox(environment: Environment, system: str) -> str:
    sandbox = environment.sandboxes[system]
    return f"{sandbox.url} (control: {sandbox.url}/_sandbox/ledger; authority: {sandbox.ca_file})"


def stay(environment: Environment) -> None:
    """Wait for Ctrl-C or another signal to end. Raises EnvironmentFailed if a part ends before."""
    try:
        while True:
            environment.check()
            time.sleep(0.5)
    except StopRequested:
        return


def _print(console: Console, line: str) -> None:
    # Addresses and commands are for copying: the terminal may wrap them, we must not.
    console.print(line, soft_wrap=True, highlight=False, markup=False)
