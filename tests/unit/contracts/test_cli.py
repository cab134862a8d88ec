"""`herald contracts export`."""

from __future__ import annotations

from typer.testing import CliRunner

from worker.cli.commands.contracts import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_export_writes_then_checks(tmp_path):
    directory = tmp_path / "contracts"
    assert run("export", "--dir", directory, "--check").exit_code == 1
    assert not directory.exists()
    written = run("export", "--dir", directory)
    assert written.exit_code == 0
    assert "asyncapi.yaml" in written.stdout.splitlines()
    checked = run("export", "--dir", directory, "--check")
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_check_names_what_is_not_up_to_date(tmp_path):
    run("export", "--dir", tmp_path)
    (tmp_path / "asyncapi.yaml").write_text("old")
    checked = run("export", "--dir", tmp_path, "--check")
    assert (checked.exit_code, checked.stdout) == (1, "asyncapi.yaml\n")
    assert (tmp_path / "asyncapi.yaml").read_text() == "old"


def test_wrong_usage(tmp_path):
    assert run("export", "--nothing").exit_code == 2
    (tmp_path / "file").touch()
    assert run("export", "--dir", tmp_path / "file").exit_code == 2
