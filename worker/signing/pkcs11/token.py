"""One token, used by all signers whose keys it holds: whose turn it is, and recovery.

The token has a process of its own, so that one that hangs or crashes stops nobody else's signatures, and tokens in
several readers sign at the same time. Whatever goes wrong, the process is ended and the token opened anew: a new
process has none of the stale handles that PKCS#11 modules keep after a token was pulled out.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.link import COMMAND
from worker.signing.pkcs11.open_token import Broken, OpenToken, Unopened
from worker.signing.pkcs11.recess import Recess
from worker.signing.pkcs11.sentences import failure_of
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import Any

    from worker.signing.pkcs11.choosing import ChosenKey, Inventory
    from worker.signing.pkcs11.login import Logins, User
    from worker.signing.pkcs11.open_token import TokenAddress

T = TypeVar("T")
log = logging.getLogger(__name__)


class Token:
    """All use of one token, one call at a time: python-pkcs11 and most tokens cannot do two.

    Signers with one PIN share one process. Another PIN is tried in a process of its own, so that a wrong one ends
    nobody else's login.
    """

    def __init__(
        self,
        address: TokenAddress,
        logins: Logins,
        *,
        monotonic: Callable[[], float],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._address = address
        self._command = command
        self._logins = logins
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self.calls = 0
        """How many wait for their turn, or have it."""
        self._open: dict[User, OpenToken] = {}
        """By signer: one that was renewed is another user, whose PIN is checked before it replaces the earlier one."""
        self._recess = Recess(monotonic)
        self._own_recesses: dict[User, Recess] = {}
        """Of signers whose own settings are the fault, such as their PIN."""
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def pids(self) -> set[int]:
        """The numbers of the processes that have the token open."""
        return {one.link.pid for one in self._open.values() if one.link.alive}

    def has_open(self, user: User) -> bool:
        """Whether a process has the token open for this user."""
        return user in self._open and self._open[user].link.alive

    def resting(self, user: User) -> bool:
        """Whether a call of this user fails without a try, since opening the token failed shortly before."""
        own = self._own_recesses.get(user)
        return not self.has_open(user) and (self._recess.lasts or (own is not None and own.lasts))

    async def choose(self, user: User, choose: Callable[[Inventory], ChosenKey]) -> ChosenKey:
        """Return the key that ``choose`` takes from what the token holds. Raises SigningFailed, and Unopened."""

        async def look() -> ChosenKey:
            return await (await self._opened(user)).chosen(choose)

        return await self._alone(lambda: self._persistently(user, look))

    async def sign(
        self, user: User, choose: Callable[[Inventory], ChosenKey], mechanism: str, data: bytes
    ) -> bytes:
        """Return the signature by the key that ``choose`` takes. Raises SigningFailed, and Unopened."""

        async def attempt() -> bytes:
            opened = await self._opened(user)
            chosen = await opened.chosen(choose)
            try:
                return await opened.sign(chosen.key, mechanism, data)
            except TokenFault as fault:
                raise await self._refused(fault, user, opened) from None

        return await self._alone(lambda: self._persistently(user, attempt))

    async def leave(self, user: User) -> None:
        """End what is open for this user alone."""
        async with self._turn:
            self._own_recesses.pop(user, None)
            opened = self._open.pop(user, None)
            if opened is not None and opened not in self._open.values():
                self._drop(opened)

    async def close(self) -> None:
        """Wait for the call in flight, and end the processes."""
        async with self._turn:
            for opened in set(self._open.values()):
                self._drop(opened)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _alone(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the work in its turn, and to its end: a caller that gives up must not leave half a login behind."""
        self.calls += 1
        try:
            await self._turn.acquire()
        except BaseException:
            self.calls -= 1
            raise
        task = self._spawn(work())
        task.add_done_callback(self._next)
        return await asyncio.shield(task)

    def _next(self, _: asyncio.Task[Any]) -> None:
        self.calls -= 1
        self._turn.release()

    async def _persistently(self, user: User, attempt: Callable[[], Awaitable[T]]) -> T:
        """Do it, and once more where a process that worked before has ended meanwhile."""
        worked_before = user in self._open
        try:
            done = await self._once(user, attempt)
        except Broken as broken:
            if not worked_before or broken.slow:
                raise self._gave_up(broken) from None
            try:
                done = await self._once(user, attempt)
            except Broken as again:
                raise self._gave_up(again) from None
        self._recess.end()
        return done

    def _gave_up(self, broken: Broken) -> SigningFailed | Unopened:
        failure = self._recess.begin(broken.failure)
        return Unopened(failure) if broken.opening else failure

    async def _once(self, user: User, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            return await attempt()
        except Broken as broken:
            opened = self._open.get(user)
            told = "a token cannot be opened" if opened is None else "a token is opened anew"
            log.warning(told, extra={"detail": str(broken)})
            if opened is not None:
                self._drop(opened)
            raise

    async def _opened(self, user: User) -> OpenToken:
        """Return the token, opened with this user's PIN. Raises SigningFailed about the PIN, Unopened, and Broken."""
        for opened in set(self._open.values()):
            if not opened.link.alive:
                self._drop(opened)
        if user not in self._open:
            try:
                self._open[user] = await self._shared(user) or await self._reopened(user)
            except (SecretRefused, SecretInDoubt):
                raise
            except SigningFailed as failed:
                raise Unopened(failed) from None
        return self._open[user]

    async def _shared(self, user: User) -> OpenToken | None:
        """Return the token as another signer with the same PIN has opened it, if one has."""
        if not self._open or self._logins.serial is None:
            return None
        digest = await self._logins.digest(user, self._logins.serial)
        return next((one for one in self._open.values() if one.digest == digest), None)

    async def _reopened(self, user: User) -> OpenToken:
        self._recess.require_over()
        own = self._own_recesses.setdefault(user, Recess(self._monotonic))
        await self._logins.require_unrefused(user)
        own.require_over()
        try:
            opened = await OpenToken.open(self._address, self._command, self._logins, user)
        except SecretRefused:
            raise
        except SigningFailed as failed:
            raise own.begin(failed) from None
        own.end()
        return opened

    async def _refused(self, fault: TokenFault, user: User, opened: OpenToken) -> SigningFailed:
        """Return the failure of a signature that the token refused: the key, or the PIN that each one wants."""
        if fault.fault is not Fault.PIN_REFUSED or opened.digest is None:
            return failure_of(fault)
        self._drop(opened)
        return await self._logins.refuse(user, opened.digest)

    def _drop(self, opened: OpenToken) -> None:
        """Forget a process, and let it end beside."""
        self._open = {user: one for user, one in self._open.items() if one is not opened}
        self._spawn(opened.link.end())

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: who gave up waiting for it does not
