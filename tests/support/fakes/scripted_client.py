"""An HTTP client that answers by a script: for unit tests of the systems, without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from worker.transport.port import Answer, DeliveryError


@dataclass
class Request:
    """One request as the fake client saw it."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    reuse: bool


Reaction = Answer | DeliveryError | Callable[[Request], Answer]


@dataclass
class ScriptedClient:
    """An HttpClient that answers with its script, one line a request; the last line is repeated."""

    script: Sequence[Reaction]
    requests: list[Request] = field(default_factory=list)
    closed: bool = False

    async def request(self, method, url, *, headers, content=b"", reuse=True, guard=None):
        if guard is not None:
            guard.begin()
        request = Request(method, url, headers, content, reuse)
        self.requests.append(request)
        reaction = self.script[min(len(self.requests), len(self.script)) - 1]
        if isinstance(reaction, DeliveryError):
            raise reaction
        return reaction if isinstance(reaction, Answer) else reaction(request)

    async def aclose(self):
        self.closed = True
