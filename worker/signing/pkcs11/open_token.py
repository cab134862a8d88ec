"""A token that is open in a signer process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.signing.pkcs11.choosing import Inventory, choose_token, readable
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.link import Link, ProcessLost, TooSlow
from worker.signing.pkcs11.module import CertificateFacts, KeyFacts, TokenFacts
from worker.signing.pkcs11.sentences import failure_of
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from worker.signing.pkcs11.choosing import ChosenKey
    from worker.signing.pkcs11.login import Logins, User
    from worker.signing.pkcs11.settings import TokenSettings


class Broken(Exception):
    """The process is of no further use. ``failure`` is what to tell; ``slow``: it did not answer in time.

    ``opening``: it had not opened the token yet.
    """

    def __init__(self, failure: SigningFailed, *, slow: bool, opening: bool) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.slow = slow
        self.opening = opening


class Unopened(Exception):
    """The token could not be opened, for another reason than the PIN: nothing was asked of a key."""

    def __init__(self, failure: SigningFailed) -> None:
        super().__init__(str(failure))
        self.failure = failure


@immutable
class TokenAddress:
    """Which token it is, and how its module is used. ``deadline``: seconds for each call.

    ``processes``: how many may have it open at the same time.
    """

    module: str
    token: TokenSettings
    environment: tuple[tuple[str, str], ...]
    deadline: float
    processes: int


class OpenToken:
    """The process, and what the token holds. ``digest`` is that of the PIN that opened it."""

    def __init__(
        self, link: Link, deadline: float, serial: str, digest: bytes | None, inventory: Inventory
    ) -> None:
        self.link = link
        self.serial = serial
        self.digest = digest
        self._deadline = deadline
        self._inventory = inventory

    @classmethod
    async def open(
        cls, address: TokenAddress, command: Sequence[str], logins: Logins, user: User
    ) -> OpenToken:
        """Start a process, and open the token in it. Raises Broken, and SigningFailed."""
        async with broken_calls(opening=True):
            link = await Link.start(command, dict(address.environment))
        try:
            async with broken_calls(opening=True):
                return await cls._open_in(link, address, logins, user)
        except BaseException:
            await link.end()
            raise

    @classmethod
    async def _open_in(cls, link: Link, address: TokenAddress, logins: Logins, user: User) -> OpenToken:
        token = await _found(link, address)
        digest = await logins.open(link, token, user)
        inventory = await _inventory(link, address.deadline)
        return cls(link, address.deadline, token.serial, digest, inventory)

    async def chosen(self, choose: Callable[[Inventory], ChosenKey]) -> ChosenKey:
        """Return the key that ``choose`` takes; where there is none, of what the token holds now. Raises Broken."""
        try:
            return choose(self._inventory)
        except SigningFailed:
            async with broken_calls():
                self._inventory = await _inventory(self.link, self._deadline)
        return choose(self._inventory)

    async def sign(self, key: KeyFacts, mechanism: str, data: bytes) -> bytes:
        """Return the signature. Raises Broken, and TokenFault where the token itself refuses."""
        async with broken_calls(refusals=True):
            fields = {"key": key.handle, "mechanism": mechanism}
            _, (signature,) = await self.link.ask("sign", fields, [data], deadline=self._deadline)
        return signature


@asynccontextmanager
async def broken_calls(*, refusals: bool = False, opening: bool = False) -> AsyncIterator[None]:
    """Turn what a process reports into Broken where the process is of no further use, else into SigningFailed.

    ``refusals``: leave those as they are. ``opening``: the process has not opened the token yet.
    """
    try:
        yield
    except (ProcessLost, TooSlow) as lost:
        failure = SigningFailed(f"the signer process of the token was lost: {lost}", transient=True)
        raise Broken(failure, slow=isinstance(lost, TooSlow), opening=opening) from None
    except TokenFault as fault:
        if fault.fault in {Fault.FAILED, Fault.NO_TOKEN, Fault.PIN_NOT_JUDGED}:
            raise Broken(failure_of(fault), slow=False, opening=opening) from None
        if refusals:
            raise
        raise failure_of(fault) from None


async def _found(link: Link, address: TokenAddress) -> TokenFacts:
    """Load the module, and find the token. Without it, all signers of the token fail alike: that is Broken, too."""
    try:
        await link.ask("load", {"path": address.module}, deadline=address.deadline)
        answer, _ = await link.ask("tokens", {}, deadline=address.deadline)
        return choose_token([TokenFacts(**one) for one in answer["tokens"]], address.token)
    except TokenFault as fault:
        raise Broken(failure_of(fault), slow=False, opening=True) from None
    except SigningFailed as failed:
        raise Broken(failed, slow=False, opening=True) from None


async def _inventory(link: Link, deadline: float) -> Inventory:
    answer, ders = await link.ask("inventory", {}, deadline=deadline)
    keys = tuple(
        KeyFacts(one["handle"], bytes.fromhex(one["id"]), one["label"], one["always"])
        for one in answer["keys"]
    )
    ids = map(bytes.fromhex, answer["certificates"])
    return Inventory(keys, readable(map(CertificateFacts, ids, ders)))
