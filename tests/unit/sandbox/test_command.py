"""`herald sandbox`: what it refuses before it listens, and that a signal at its start leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile

import pytest
from typer.testing import CliRunner

from sandbox.command import app
from sandbox.edelivery.server import Sandbox
from sandbox.pki import Pki
from sandbox.server import SandboxServer


def test_a_certificate_made_earlier_for_other_names_is_refused(tmp_path):
    Pki.create(tmp_path, server_names=("known",))
    options = ["nhis", "--dir", str(tmp_path), "--server-name", "known", "--server-name", "sandbox-nhis"]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 2
    assert done.stderr == (
        f"The sandbox cannot start: {tmp_path}/server.pem is not for sandbox-nhis; --init creates new certificates\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("made", [True, False])
def test_a_signal_while_it_is_made_leaves_no_file(tmp_path, monkeypatch, number, made):
    def make(self, *args, **given):
        if not made:
            os.kill(os.getpid(), number)
        original(self, *args, **given)
        assert list(temporary.iterdir())
        if made:
            os.kill(os.getpid(), number)

    original, temporary = Sandbox.__init__, tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(Sandbox, "__init__", make)
    # A test of the old order must fail here rather than end the whole run.
    before = signal.signal(number, lambda *_: pytest.fail("the signal would have ended the process"))
    try:
        options = ["edelivery", "--dir", str(tmp_path / "pki"), "--port", "0", "--token-port", "0"]
        done = CliRunner().invoke(app, options)
    finally:
        signal.signal(number, before)
    assert done.exit_code == 0, done.output
    assert list(temporary.iterdir()) == []


def test_under_nohup_a_hung_up_terminal_does_not_end_it(tmp_path, monkeypatch):
    """It goes on until SIGTERM."""
    told = []

    def ready(self):
        os.kill(os.getpid(), signal.SIGHUP)
        asyncio.get_running_loop().call_later(0.1, told.append, "it goes on")
        asyncio.get_running_loop().call_later(0.2, os.kill, os.getpid(), signal.SIGTERM)
        return {}

    monkeypatch.setattr(SandboxServer, "ready", ready)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        done = CliRunner().invoke(app, ["vault", "--dir", str(tmp_path), "--port", "0"])
    finally:
        signal.signal(signal.SIGHUP, before)
    assert done.exit_code == 0, done.output
    assert told == ["it goes on"]
