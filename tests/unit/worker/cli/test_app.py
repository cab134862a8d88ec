"""The command line starts quickly, and what it lists is what there is."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import worker.cli.commands
from worker.cli.app import COMMANDS, ELSEWHERE, app, module_of


def run(*arguments: str):
    return CliRunner().invoke(app, arguments, terminal_width=200)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_exists_and_says_the_same_of_itself(name):
    module = import_module(module_of(name))
    own = typer.main.get_group(module.app).help if hasattr(module, "app") else getattr(module, name).__doc__

    assert (own or "").strip().startswith(COMMANDS[name])
    assert run(name, "--help").exit_code == 0
    assert "--install-completion" not in run(name, "--help").output


def test_every_command_is_listed():
    modules = {path.stem for path in Path(worker.cli.commands.__path__[0]).glob("*.py")} - {"__init__"}

    assert {name.replace("-", "_") for name in COMMANDS.keys() - ELSEWHERE.keys()} == modules


def test_the_list_is_shown_without_loading_a_command():
    told = "import sys; from worker.cli.app import app; app(['--help'], standalone_mode=False); "
    rooms = "('worker.', 'contracts', 'schemas', 'sandbox', 'demo')"
    here = "('worker.cli', 'worker.cli.app', 'worker.garbage')"
    told += (
        f"sys.exit(str([name for name in sys.modules if name.startswith({rooms}) and name not in {here}]))"
    )

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in COMMANDS)


def test_a_mistyped_command_is_wrong_use():
    result = run("submt")

    assert result.exit_code == 2
    assert "submit" in result.output


def test_the_version_is_that_of_the_distribution():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"herald {version('herald-worker')}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_and_installed_in_the_own_home_alone(shell, tmp_path):
    variables = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    for act in ("show", "install"):
        command = [Path(sys.executable).parent / "herald", f"--{act}-completion", shell]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        assert "_HERALD_COMPLETE" in done.stdout or "completion installed" in done.stdout
        assert bool(list(tmp_path.rglob("*"))) is (act == "install")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("herald de", ["dead-letters", "demo"]),
        ("herald dead-letters s", ["settle", "show", "summary"]),
        ("herald dead-letters list --sou", ["--source"]),
        ("herald dead-letters list --state op", ["open"]),
    ],
)
def test_completion_knows_commands_options_and_values(typed, offered):
    variables = {
        "_HERALD_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    result = CliRunner().invoke(app, prog_name="herald", env=variables)
    assert sorted(result.stdout.split()) == offered
