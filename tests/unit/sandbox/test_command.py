"""`herald sandbox`: what it refuses before it listens."""

from __future__ import annotations

from typer.testing import CliRunner

from sandbox.command import app
from sandbox.pki import Pki


def test_a_certificate_made_earlier_for_other_names_is_refused(tmp_path):
    Pki.create(tmp_path, server_names=("known",))
    options = ["nhis", "--dir", str(tmp_path), "--server-name", "known", "--server-name", "sandbox-nhis"]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 2
    assert done.stderr == (
        f"The sandbox cannot start: {tmp_path}/server.pem is not for sandbox-nhis; --init creates new certificates\n"
    )
