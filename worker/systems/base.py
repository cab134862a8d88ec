"""The usual answers of a national system over HTTPS: a system's class overrides what differs in its system."""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.systems.file_exchange import exchange_files
from worker.systems.port import Endpoint, Prepared, System
from worker.transport.port import DeliveryError
from worker.transport.status_classes import SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

    from worker.file_store import FileStore
    from worker.outcome import NotArrived, Outcome
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.submission import Submission
    from worker.systems.port import Attempt, Operation, Recovery
    from worker.transport.port import Answer, HttpClient, SendGuard

_NONE: Mapping[str, str] = MappingProxyType({})


class HttpSystem(System):
    """The System port, where a system has no checks, no tokens, no look-up and one client for all its signers.

    A system's class sets `name` (as in `systems.<name>`), `title` (as sentences call it) and `time_zone`, and defines
    at least `prepare` and `interpret`.
    """

    name: str
    title: str
    time_zone: str

    def __init__(
        self,
        *,
        operations: Iterable[Operation],
        signers: Collection[str],
        client: HttpClient,
        url: object,
        probe_path: str | None = None,
        failures: Container[int] = SERVER_ERROR,
        unusable: Mapping[str, str] = _NONE,
        files: FileStore | None = None,
    ) -> None:
        """Keep what the usual answers need.

        ``signers``: the names that this system's settings know. ``url`` is the system's address, and ``probe_path``
        what `probe` asks for under it (None: nothing, and trials alone decide about circuits); an answer with one of
        the statuses ``failures`` does not count as reachable. ``unusable``: what is wrong with signers that cannot
        sign; only their submissions are blocked. ``files`` is where the files of messages are, see `Prepared.file` and
        `Prepared.save`.
        """
        self.operations: Mapping[str, Operation] = MappingProxyType(
            {one.event_type: one for one in operations}
        )
        self._signers = signers
        self._client = client
        self._url = str(url)
        self._probe_url = None if probe_path is None else under(self._url, probe_path)
        self._failures = failures
        self._unusable = unusable
        self._files = files

    def knows_signer(self, signer: str) -> bool:
        """Whether the settings of this system name this signer."""
        return signer in self._signers

    def unusable_signers(self) -> Mapping[str, str]:
        """Return what is wrong with each signer of the settings that cannot sign here, as a plain sentence."""
        return {name: self._unusable[name] for name in self._signers if name in self._unusable}

    def can_sign(self) -> bool:
        """Whether any signer of the settings can sign, or there is none."""
        return not self._signers or len(self.unusable_signers()) < len(self._signers)

    def identity(self, submission: Submission) -> str:
        """Return an id derived from the event's identity, for a system that receives none."""
        return submission.derived_id(self.name)

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the submission's operation."""
        return self.operations[submission.type].recovery

    async def check(self, submission: Submission) -> None:
        """Check nothing: the contract has said all that can be known before sending."""
        del submission

    @abstractmethod
    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the message. Raises Refused, or NotPrepared with Retry or Blocked."""

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once, files without reading them into memory. Raises DeliveryError, SendRefused."""
        client = self._client_of(prepared.signer)
        if prepared.file is not None or prepared.save is not None:
            return await exchange_files(client, prepared, guard, self._files)
        return await client.request(
            prepared.method,
            prepared.url,
            headers={**prepared.headers, **prepared.secret_headers},
            content=prepared.request,
            reuse=prepared.reuse,
            guard=guard,
        )

    @abstractmethod
    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer: pure and total."""

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop nothing: there is no token, and only an operator can renew what the settings hold."""
        del prepared

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Return None: no query shows what the system holds of a submission."""
        del submission, attempt, found
        return None

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Leave `found` as it is: there is no look-up to settle it by."""
        del submission, look_up, answer
        return found

    async def probe(self) -> str | None:
        """Ask for what the settings say."""
        return await self._probe_with(self._client)

    async def _probe_with(self, client: HttpClient) -> str | None:
        """Return what is wrong, or None where the system answers, or nothing is to be asked for."""
        if self._probe_url is None:
            return None
        return await probe_http(client, self._probe_url, self.title, self._failures)

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the one host that all messages go to."""
        return (Endpoint("services", self._url, self._client, probe=self._probe_url),)

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Need nothing: each message asks for its signer anew."""
        del signer, key
        return lambda: None

    def reloadables(self) -> Sequence[Reloadable]:
        """Return nothing."""
        return ()

    async def close(self) -> None:
        """Release connections."""
        await self._client.aclose()

    def _message(
        self,
        submission: Submission,
        attempt: Attempt,
        *,
        request: bytes,
        headers: Mapping[str, str],
        secret_headers: Mapping[str, str] = _NONE,
        url: str | None = None,
        method: str = "POST",
        evidence: bytes | None = None,
    ) -> Prepared:
        """Return the message of a submission, by default to the system's address.

        It gets a connection of its own, because nothing says that the system's answers name the message.
        """
        return Prepared(
            operation=submission.operation,
            signer=submission.signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=self._url if url is None else url,
            request=request,
            headers=headers,
            secret_headers=secret_headers,
            method=method,
            evidence=evidence,
        )

    def _client_of(self, signer: str) -> HttpClient:
        """Return the client for the messages of a signer."""
        del signer
        return self._client


def under(url: str, path: str) -> str:
    """Return the address of a path under a system's address, or of a query to that very address."""
    return url.rstrip("/") + path if path.startswith("/") else url + path


async def probe_http(client: HttpClient, url: str, title: str, failures: Container[int]) -> str | None:
    """Return what is wrong, or None where the system answers.

    Whatever the system says to the request, it is reachable; one of the statuses in ``failures`` may be a gateway's in
    place of a system that is unavailable.
    """
    try:
        answer = await client.request("GET", url, headers={})
    except DeliveryError as error:
        return str(error)
    return f"{title} answers {answer.status}" if answer.status in failures else None
