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
    assert "`go install '-gcflags=all=-N -l' '-ldflags=-s -w' example.org/helm@v4.0.0` failed" in said
    assert "proxy: no such module" in said


def test_every_tool_is_pinned():
    assert all(tool.version[0].isdigit() for tool in tools.TOOLS)
    assert len({tool.name for tool in tools.TOOLS}) == len(tools.TOOLS)


@pytest.fixture
def debian(only, tmp_path, monkeypatch):
    """Put an apt-get and a dpkg-deb of our own on the path: apt-get knows the package once it has been updated."""
    commands = tmp_path / "commands"
    commands.mkdir()

    def debian(version, *, lists=True):
        only(tools.DebianTool("prometheus", "prometheus", "2.42"))
        updated = tmp_path / "updated"
        if lists:
            updated.touch()
        scripts = {
            "apt-get": f"""case "$*" in
                *" update") case "$*" in *Dir::State::Lists*) touch {updated};; *) exit 100;; esac;;
                *) [ -e {updated} ] || {{ echo "E: Unable to locate package" >&2; exit 100; }}; touch it.deb;;
            esac""",
            "dpkg-deb": f"""case "$1" in
                --field) echo {version};;
                --extract) mkdir -p "$3/usr/bin"; touch "$3/usr/bin/promtool";;
            esac""",
        }
        for name, script in scripts.items():
            (commands / name).write_text(f"#!/bin/sh\n{script}\n")
            (commands / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{commands}:/usr/bin:/bin")

    return debian


@pytest.mark.parametrize("lists", [True, False])
def test_a_debian_package_is_unpacked_without_being_root(debian, tmp_path, lists):
    debian("2.42.0+ds-5", lists=lists)
    assert tools.main() == 0
    promtool = Path(tools.program("promtool", of="prometheus"))
    assert promtool.exists()
    assert not list((tmp_path / "tools" / "prometheus-2.42").glob("*.deb"))


def test_a_debian_package_that_is_too_old_is_refused(debian, capsys):
    debian("2.33.5+ds-1")
    assert tools.main() == 1
    assert "prometheus is 2.33.5+ds-1 here, older than 2.42" in capsys.readouterr().err


def test_without_debian_the_missing_part_is_named(only, monkeypatch, capsys):
    only(tools.DebianTool("prometheus", "prometheus", "2.42"))
    monkeypatch.setenv("PATH", "")
    assert tools.main() == 1
    assert "there is no `apt-get` on the path" in capsys.readouterr().err
