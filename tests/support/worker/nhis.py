"""The NHIS sandbox as a process of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.support.worker.hospital import Doctor
from tests.support.worker.sandbox import Sandbox
from tests.support.worker.sandbox import running as sandbox_running


class Nhis(Sandbox):
    """A running NHIS sandbox."""

    def __init__(self, ready: dict[str, Any]) -> None:
        super().__init__(ready)
        self.auth_url: str = ready["auth_url"]
        self.signers: list[dict[str, str]] = ready["signers"]

    @property
    def doctors(self) -> tuple[Doctor, ...]:
        """The doctors whose keys the sandbox knows."""
        return tuple(Doctor(one["name"], one["uin"]) for one in self.signers)

    def know_signer(self, name: str, uin: str, certificate: bytes) -> None:
        """Let NHIS know this certificate (PEM) as the physician's."""
        told = [{"name": name, "uin": uin, "certificate": certificate.decode("ascii")}]
        self._control.post("/signers", json=told).raise_for_status()

    def registered(self) -> dict[str, str]:
        """NRN by LRN of every registration; fails where one LRN was registered twice."""
        found = self.ledger()["registrations"]
        by_lrn = {one["lrn"]: one["nrn"] for one in found}
        assert len(by_lrn) == len(found), "the same LRN was registered twice"
        return by_lrn


def running(directory: Path) -> AbstractContextManager[Nhis]:
    """Run a sandbox with certificates of its own."""
    return sandbox_running("nhis", directory, kind=Nhis)
