"""The validators come onto a machine once, whole, and say what is missing where they cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deploy import tools


@dataclass(frozen=True, slots=True)
class Fake:
    """A tool that installs without a network; the first `failures` times it stops in the middle."""

    name: str = "fake"
    version: str = "1.2.3"
    installs: str = "fake==1.2.3"
    failures: int = 0
    installed: list[Path] = field(default_factory=list)

    def install(self, directory: Path) -> None:
        self.installed.append(directory)
        (directory / "half").touch(exist_ok=False)
        if len(self.installed) <= self.failures:
            raise tools.ToolFailedError("no network")
        (directory / "bin").mkdir()


@pytest.fixture
def only(tmp_path, monkeypatch):
    """Let there be only this tool, in a home of its own."""

    def only(tool):
        monkeypatch.setenv("HERALD_TOOLS", str(tmp_path / "tools"))
        monkeypatch.setattr(tools, "TOOLS", (tool,))
        return tool

    return only


def test_a_tool_is_installed_once(only, tmp_path, capsys):
    fake = only(Fake())
    assert (tools.main(), tools.main()) == (0, 0)
    assert fake.installed == [tmp_path / "tools" / "fake-1.2.3"]
    assert capsys.readouterr().out.count("installing fake==1.2.3") == 1
    assert tools.program("fake") == str(tmp_path / "tools" / "fake-1.2.3" / "bin" / "fake")


def test_what_was_interrupted_is_begun_anew(only, capsys):
    fake = only(Fake(failures=1))
    assert tools.main() == 1
    assert "no network" in capsys.readouterr().err
    assert tools.main() == 0
    assert len(fake.installed) == 2


def test_without_go_the_missing_part_is_named(only, monkeypatch, capsys):
    only(tools.GoTool("kubeconform", "example.org/kubeconform", "0.8.0"))
    monkeypatch.setenv("PATH", "")
    assert tools.main() == 1
    assert "kubeconform is built by Go" in capsys.readouterr().err


def test_what_an_installer_says_is_told(only, tmp_path, monkeypatch, capsys):
    only(tools.GoTool("helm", "example.org/helm", "4.0.0"))
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text('#!/bin/sh\necho "proxy: no such module" >&2\nexit 1\n')
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    assert tools.main() == 1
    said = capsys.readouterr().err
    assert "go install example.org/helm@v4.0.0` failed" in said
    assert "proxy: no such module" in said


def test_every_tool_is_pinned():
    assert all(tool.version[0].isdigit() for tool in tools.TOOLS)
    assert len({tool.name for tool in tools.TOOLS}) == len(tools.TOOLS)
