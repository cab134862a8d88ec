"""Checks of the systems' hosts and logins. No submission is ever sent, and a token is dropped when it came."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import TYPE_CHECKING

from worker.admin.preflight import clock_policy, system_policy
from worker.admin.preflight.findings import Check, Finding, NotAsked, ok
from worker.admin.preflight.shared import Shared
from worker.systems.port import LogsIn, TellsEndpoints, TrustsCertificates
from worker.transport.handshake import host_and_port
from worker.transport.port import Answer, DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from worker.systems.port import Endpoint, System
    from worker.transport.port import Handshake

LOGINS_AT_ONCE = 4
"""Logins of one system at the same time: a hospital has hundreds of signers."""


class SystemChecks:
    """The checks of one system. ``logins``: also get a token for each signer."""

    def __init__(self, system: System, *, logins: bool, seconds: float, now: Callable[[], datetime]) -> None:
        self._system = system
        self._logins = logins
        self._now = now
        self._turn = asyncio.Semaphore(LOGINS_AT_ONCE)
        found = system.endpoints() if isinstance(system, TellsEndpoints) else ()
        self._hosts = [_Host(system.name, one, seconds, now) for one in found]

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        firsts = list({(host.use, host.url): host for host in reversed(self._hosts)}.values())[::-1]
        checks = [self._check("dns", host.dns) for host in firsts]
        checks += [self._check("tls", host.tls) for host in self._hosts]
        checks += [self._check("certificate", host.certificate) for host in firsts]
        checks += [self._check("answer", host.answers) for host in self._hosts if host.probed]
        if isinstance(self._system, TrustsCertificates):
            checks.append(self._check("trusted-certificates", self._trusted))
        if isinstance(self._system, LogsIn):
            checks += [self._check("token", partial(self._login, self._system, one)) for one in self._tried]
        return checks

    def clocks(self) -> list[Check]:
        """Return the checks of the hosts' clocks."""
        probed = {host.use: host for host in reversed(self._hosts) if host.probed}
        return [Check("clocks.systems", host.clock, vital=False) for host in probed.values()]

    @property
    def _tried(self) -> Sequence[str]:
        return self._system.logins() if self._logins and isinstance(self._system, LogsIn) else ()

    def _check(self, name: str, find: Callable[..., object]) -> Check:
        return Check(f"systems.{name}", find, vital=False)  # type: ignore[arg-type]

    async def _login(self, system: LogsIn, signer: str) -> Iterable[Finding]:
        async with self._turn:
            why = await system.try_login(signer)
        return [system_policy.login(why, f"{self._system.name} {signer}")]

    async def _trusted(self) -> Iterable[Finding]:
        pinned = self._system.certificates() if isinstance(self._system, TrustsCertificates) else ()
        now = self._now()
        if not pinned:
            raise NotAsked("no certificate is pinned")
        return [system_policy.trusted(one.not_after, now, one.label) for one in pinned]


class _Host:
    """One endpoint: its handshake and its answer, each asked for once."""

    def __init__(self, system: str, endpoint: Endpoint, seconds: float, now: Callable[[], datetime]) -> None:
        shown = f", {endpoint.signer}" if endpoint.signer else ""
        self.subject = f"{system} {endpoint.use}{shown}"
        self.use, self.url = endpoint.use, endpoint.url
        self.probed = endpoint.probe is not None
        self._endpoint = endpoint
        self._now = now
        self._handshake = Shared(
            "systems.tls", partial(endpoint.client.handshake, endpoint.url), seconds=seconds
        )
        self._answer = Shared("systems.answer", self._probe, seconds=seconds)
        self._seconds = seconds

    async def dns(self) -> Iterable[Finding]:
        """Resolve the name."""
        host, port = host_and_port(self.url)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            why = getattr(error, "strerror", None) or "the name servers do not answer in time"
            refused = DeliveryError("dns-failure", f"{host} cannot be resolved ({why})", sent=False)
            return [system_policy.unreachable(refused, self.subject)]
        addresses = sorted({str(one[4][0]) for one in found})
        return [ok(f"{host} is {', '.join(addresses)}", self.subject)]

    async def tls(self) -> Iterable[Finding]:
        """Connect and verify."""
        try:
            return [system_policy.encryption(await self._shaken(), self.subject)]
        except DeliveryError as error:
            if error.reason == "dns-failure":
                raise NotAsked("not asked, because systems.dns failed") from None
            return [system_policy.unreachable(error, self.subject)]

    async def certificate(self) -> Iterable[Finding]:
        """Look at the server's certificate."""
        return [system_policy.certificate(await self._handshake.needed(), self._now(), self.subject)]

    async def answers(self) -> Iterable[Finding]:
        """Ask for what a probe asks for."""
        await self._handshake.needed()
        try:
            answer, *_ = await self._answer.get()
        except DeliveryError as error:
            shows = self._endpoint.signer is not None
            return [system_policy.unreachable(error, self.subject, shows_certificate=shows)]
        except TimeoutError:
            late = DeliveryError("answer-timeout", f"no answer within {self._seconds:g} s", sent=True)
            return [system_policy.unreachable(late, self.subject)]
        return [system_policy.answer(answer, self.subject)]

    async def clock(self) -> Iterable[Finding]:
        """Compare the Date of the answer with this machine's clock."""
        await self._handshake.needed()
        answer, before, after = await self._answer.needed()
        return [clock_policy.of_answer(answer.headers.get("date"), before, after, self.subject)]

    async def _shaken(self) -> Handshake:
        try:
            return await self._handshake.get()
        except TimeoutError:
            host, port = host_and_port(self.url)
            why = f"{host}:{port}: no connection within {self._seconds:g} s"
            raise DeliveryError("connect-timeout", why, sent=False) from None

    async def _probe(self) -> tuple[Answer, datetime, datetime]:
        before = self._now()
        answer = await self._endpoint.client.request(
            "GET", self._endpoint.probe or self.url, headers={}, reuse=False
        )
        return answer, before, self._now()
