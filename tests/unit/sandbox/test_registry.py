"""Every entry of the registry has a command, and a sandbox that takes the command's options."""

from __future__ import annotations

from inspect import signature

import pytest
import typer

from sandbox.command import app
from sandbox.registry import SANDBOXES, SIGNING_PROVIDERS
from sandbox.server import SandboxServer

FOR_CERTIFICATES = {"init", "server_names"}
"""Options of the command alone: it makes the certificates before the sandbox starts."""


@pytest.mark.parametrize("entry", [*SANDBOXES, *SIGNING_PROVIDERS], ids=lambda entry: entry.system)
def test_a_sandbox_takes_the_options_of_its_command(entry):
    command = typer.main.get_group(app).commands[entry.system]
    sandbox = entry.load()

    assert issubclass(sandbox, SandboxServer)
    options = {parameter.name: parameter.default for parameter in command.params}
    taken = {name: one.default for name, one in signature(sandbox).parameters.items()}
    assert options.keys() - FOR_CERTIFICATES == taken.keys()
    assert all(options[one.name] == one.default for one in entry.options)
    assert options["port"] == entry.port
