"""The state's ESB at its port: who may act for whom is invented, and tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.systems.esb.acting import Acting
from worker.systems.esb.port import UnknownActing
from worker.systems.esb.settings import OrnSettings
from worker.systems.port import NotPrepared, Prepared

BRANCH = Acting(represented_person_id="204153")
NAMES = {"branch": BRANCH, "clerk": Acting(operator_id="clerk-example")}


class FakeEsb:
    """Gives a token a signer and for whom it acts; ``client`` gets all requests. ``fails`` ends each authorisation."""

    gateway_url = "https://esb.test:5051"

    def __init__(self, client: Any, orn: OrnSettings | None = None) -> None:
        self.orn = orn
        self._client = client
        self.asked: list[tuple[str, str, Acting]] = []
        self.dropped: list[Prepared] = []
        self.fails: NotPrepared | None = None

    def acting(self, signer: str, name: str | None = None) -> Acting:
        if name is None:
            return Acting()
        if name not in NAMES:
            raise UnknownActing(f"Name another, or have the operator set esb.acting.{signer} for this name.")
        return NAMES[name]

    async def authorisation(self, signer: str, scope: str, acting: Acting) -> Mapping[str, str]:
        self.asked.append((signer, scope, acting))
        if self.fails is not None:
            raise self.fails
        return {"authorization": f"Bearer token of {signer}"}

    def drop(self, prepared: Prepared) -> None:
        self.dropped.append(prepared)

    def client(self, signer: str) -> Any:
        del signer
        return self._client

    def any(self) -> Any:
        return self._client

    def problems(self) -> Mapping[str, str]:
        return {}

    def endpoints(self) -> Sequence[Any]:
        return ()

    def reloadables(self) -> Sequence[Any]:
        return ()

    async def aclose(self) -> None:
        await self._client.aclose()
