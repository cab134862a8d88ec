"""The programs of a control plane, built once and kept outside the tree.

Kubernetes publishes no packages of its servers in a language's registry; its source is a Go module, and Go builds it in
about ten minutes on two cores. `python -m tests.kubernetes.programs` builds what is missing and says what it does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.deploy import tools

KUBERNETES = "v1.36.3"
KWOK = "v0.8.0"
_SERVER = Path(__file__).parent / "server"
_SERVERS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
_STAGES = ("node", "pod")


class MissingProgramError(RuntimeError):
    """A program is not there and cannot be made here; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs lie."""

    directory: Path
    kubectl: Path
    etcd: Path

    def path(self, name: str) -> Path:
        """The program of this name."""
        return self.etcd if name == "etcd" else self.directory / name

    @property
    def stages(self) -> Path:
        """The file of kwok's stages: how a simulated node and pod come to be ready, and end."""
        return self.directory / "stages.yaml"


def prepare() -> Programs:
    """Build what is missing. Raises MissingProgramError, ToolFailedError, CalledProcessError when a build fails."""
    etcd = _found("etcd", "the package etcd-server of Debian or Ubuntu")
    kubectl = Path(tools.program("kubectl"))
    directory = tools.home() / f"kubernetes-{KUBERNETES}"
    directory.mkdir(parents=True, exist_ok=True)
    for name in _SERVERS:
        if not (directory / name).exists():
            _build_server(name, directory / name)
    if not (directory / "kwok").exists():
        _build_kwok(directory)
    return Programs(directory, kubectl, etcd)


def _found(name: str, package: str) -> Path:
    path = shutil.which(name)
    if path is None:
        raise MissingProgramError(f"{name} is not on the path. Install {package}.")
    return Path(path)


def _build_server(name: str, target: Path) -> None:
    _say(f"{name} {KUBERNETES}: building (minutes, once)")
    version = f"-X k8s.io/component-base/version.gitVersion={KUBERNETES}"
    _go(
        *("build", "-trimpath", "-ldflags", f"-s -w {version}", "-o", str(target)),
        f"k8s.io/kubernetes/cmd/{name}",
        directory=_SERVER,
    )


def _build_kwok(directory: Path) -> None:
    _say(f"kwok {KWOK}: building (minutes, once)")
    _go("install", f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}", directory=directory, GOBIN=str(directory))
    source = Path(os.environ.get("GOMODCACHE") or _go("env", "GOMODCACHE", directory=directory).strip())
    folder = source / "sigs.k8s.io" / f"kwok@{KWOK}" / "kustomize" / "stage"
    stages = [path for one in _STAGES for path in sorted((folder / one / "fast").glob("*.yaml"))]
    texts = [path.read_text() for path in stages if path.name != "kustomization.yaml"]
    (directory / "stages.yaml").write_text("\n---\n".join(texts))


def _go(*arguments: str, directory: Path, **environment: str) -> str:
    go = _found("go", "Go 1.26 or newer")
    done = subprocess.run(
        [str(go), *arguments],
        cwd=directory,
        env={**os.environ, "CGO_ENABLED": "0", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        prepare()
    except (MissingProgramError, tools.ToolFailedError) as error:
        sys.exit(str(error))
