"""One sandbox's process, seen through its control endpoints (docs/sandbox.md)."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sandbox:
    """A client of a sandbox's control endpoints."""

    def __init__(self, ready: dict[str, Any]) -> None:
        """Take what the sandbox says of itself when it listens."""
        self.ready = ready
        self.url: str = ready["url"]
        self.ca_file: str = ready["ca_file"]
        self.provider: dict[str, Any] | None = None
        """What the provider says of itself that holds keys of this system's signers, where there is one."""
        trust = ssl.create_default_context(cafile=self.ca_file)
        self._control = httpx.Client(base_url=f"{self.url}/_sandbox", verify=trust, trust_env=False)

    def faults(self, rules: Sequence[dict[str, Any]]) -> None:
        """Add fault rules."""
        self._control.post("/faults", json={"rules": list(rules), "append": True}).raise_for_status()

    def outage(self, seconds: float) -> None:
        """Refuse connections for this many seconds."""
        self._control.post("/outage", json={"seconds": seconds}).raise_for_status()

    def expire_tokens(self) -> None:
        """End every token given so far."""
        self._control.delete("/tokens").raise_for_status()

    def control(self, name: str, body: object) -> None:
        """Ask for what this system's sandbox alone can do."""
        self._control.post(f"/{name}", json=body).raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """Return what was registered."""
        shown: dict[str, Any] = self._control.get("/ledger").raise_for_status().json()
        return shown

    def close(self) -> None:
        """Close the connection."""
        self._control.close()
