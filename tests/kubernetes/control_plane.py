"""A real Kubernetes control plane on this machine: etcd, API server, controller manager, scheduler, and nodes by kwok.

No kubelet runs: kwok plays the nodes, and says of every pod that it runs and is ready. What is real is all that
judges a manifest: schemas, defaulting, admission (PodSecurity), RBAC, quotas, the controllers of Deployments, Jobs
and disruption budgets, and the scheduler.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.deploy import tools
from tests.kubernetes.programs import Programs

ADMIN = "herald-test-admin"
START_SECONDS = 60.0


class ControlPlaneFailedError(RuntimeError):
    """A program of the control plane ended or did not become ready; the text ends with its log."""


class ControlPlane:
    """Entering starts it in `directory` and waits until it is ready; leaving ends it and forgets its data."""

    def __init__(self, programs: Programs, directory: Path) -> None:
        self._programs = programs
        self._directory = directory
        self._token = secrets.token_hex(16)
        self._etcd, self._etcd_peer, self._port, self._controller, self._scheduler = _free_ports(5)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.kubeconfig = directory / "kubeconfig"

    def __enter__(self) -> Self:
        self._write_files()
        try:
            self._start("etcd", *self._etcd_arguments())
            self._start("kube-apiserver", *self._server_arguments())
            self._wait_ready()
            self._start("kube-controller-manager", *self._controller_arguments())
            self._start("kube-scheduler", *self._scheduler_arguments())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def start_nodes(self, stages: Path) -> None:
        """Let kwok play every node, by the stages of a node's and a pod's life in `stages`."""
        self._start(
            "kwok",
            f"--kubeconfig={self.kubeconfig}",
            "--manage-all-nodes=true",
            f"--config={stages}",
            "--node-ip=127.0.0.1",
            # Addresses of pods that nobody can take for those of a real network.
            "--cidr=127.1.0.0/24",
        )

    def kubectl(
        self, *arguments: str, given: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl as the administrator. Raises AssertionError with what it said, unless `check` is false."""
        done = subprocess.run(
            [str(self._programs.kubectl), f"--kubeconfig={self.kubeconfig}", *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done

    def shell(self, line: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a line as people type it, with kubectl and helm on the path and this cluster as theirs."""
        folders = (self._programs.kubectl.parent, Path(tools.program("helm")).parent)
        path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            env={**os.environ, "PATH": path, "KUBECONFIG": str(self.kubeconfig), **variables},
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def objects(self, *arguments: str) -> dict[str, object]:
        """What `kubectl get … -o json` prints."""
        found: dict[str, object] = json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)
        return found

    def _start(self, name: str, *arguments: str) -> None:
        with (self._directory / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                [str(self._programs.path(name)), *arguments], stdout=log, stderr=log, cwd=self._directory
            )

    def _wait_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while self.kubectl("get", "--raw", "/readyz", check=False).returncode:
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() > until:
                name = (ended or ["kube-apiserver"])[0]
                log = (self._directory / f"{name}.log").read_text(errors="replace")
                raise ControlPlaneFailedError(f"{name} is not ready:\n{log[-3000:]}")
            time.sleep(0.2)

    def _stop(self) -> None:
        for process in reversed(self._running.values()):
            process.kill()
            process.wait()
        shutil.rmtree(self._directory / "etcd", ignore_errors=True)

    def _write_files(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self._directory / "service-accounts.key").write_bytes(pem)
        (self._directory / "tokens.csv").write_text(f'{self._token},{ADMIN},1,"system:masters"\n')
        self.kubeconfig.write_text(json.dumps(self._access()))

    def _access(self) -> dict[str, object]:
        server = {"server": f"https://127.0.0.1:{self._port}", "insecure-skip-tls-verify": True}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": server}],
            "users": [{"name": ADMIN, "user": {"token": self._token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": ADMIN}}],
            "current-context": "test",
        }

    def _etcd_arguments(self) -> list[str]:
        client, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._etcd_peer}"
        return [
            "--unsafe-no-fsync",
            "--data-dir=etcd",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        ]

    def _server_arguments(self) -> list[str]:
        return [
            f"--etcd-servers=http://127.0.0.1:{self._etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self._port}",
            "--cert-dir=certificates",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-key-file=service-accounts.key",
            "--service-account-signing-key-file=service-accounts.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC",
            # Debian's etcd 3.4 cannot stream lists: kwok would ask for them again and again, and see each change of a
            # pod up to half a minute late.
            "--feature-gates=WatchList=false",
            "--enable-admission-plugins=PodSecurity",
            "--disable-admission-plugins=ServiceAccount",
        ]

    def _controller_arguments(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--secure-port={self._controller}",
            "--leader-elect=false",
            # The nodes send no heartbeat: after 50 s they would count as lost, and their pods as not ready.
            "--node-monitor-grace-period=1h",
            "--service-account-private-key-file=service-accounts.key",
            "--cert-dir=certificates",
        ]

    def _scheduler_arguments(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--secure-port={self._scheduler}",
            "--leader-elect=false",
            "--cert-dir=certificates",
        ]


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
