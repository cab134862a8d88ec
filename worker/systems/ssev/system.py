"""A system that exchanges messages of eDelivery: how its requests are sent, beside the usual answers at the ESB."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from worker.file_store import FileStoreOutage, NoSuchFile
from worker.systems.esb.system import EsbSystem
from worker.systems.file_exchange import exchange_files
from worker.systems.ssev import downloads
from worker.systems.ssev.opening import HIDDEN_LINK, content_room
from worker.systems.ssev.outbox import LookUp
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.file_store import FileStore, NewFile
    from worker.systems.esb.port import Esb
    from worker.systems.port import Operation, Prepared
    from worker.systems.ssev.sender import Sender
    from worker.systems.ssev.settings import SsevSettings
    from worker.transport.port import Answer, HttpClient, SendGuard

_LINK = re.compile(rb'("downloadLink"\s*:\s*)"(?:[^"\\]|\\.)*"')


class SsevSystem(EsbSystem):
    """The System port, as far as it is the same for all that send or open messages.

    ``downloads_client`` is for the hosts that received files are fetched from, and shows no certificate.
    """

    def __init__(
        self,
        settings: SsevSettings,
        *,
        operations: Iterable[Operation],
        esb: Esb,
        downloads_client: HttpClient,
        store: FileStore | None,
        sender: Sender,
    ) -> None:
        super().__init__(
            operations=operations,
            signers=settings.senders,
            esb=esb,
            scope=settings.scope,
            path=settings.api_path,
        )
        self._downloads = downloads_client
        self._files = store
        self._sender = sender

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once. Raises DeliveryError, SendRefused.

        A look-up reads the outbox in several requests. A received file goes to the store from another host.
        """
        if isinstance(prepared, LookUp):
            return without_links(await self._sender.look_up(prepared, partial(self._get, prepared, guard)))
        if prepared.save is not None and self._files is not None:
            return await self._fetch(prepared, prepared.save, self._files, guard)
        return without_links(await super().exchange(prepared, guard))

    async def close(self) -> None:
        """Release connections."""
        await super().close()
        await self._downloads.aclose()

    async def _get(self, prepared: Prepared, guard: SendGuard, url: str) -> Answer:
        headers = {**prepared.headers, **prepared.secret_headers}
        client = self._client_of(prepared.signer)
        return await client.request("GET", url, headers=headers, reuse=False, guard=guard)

    async def _fetch(self, prepared: Prepared, new: NewFile, store: FileStore, guard: SendGuard) -> Answer:
        """Fetch a file into the store, and state what the store has in place of its bytes."""
        answer = await exchange_files(self._downloads, prepared, guard, store)
        if not answer.saved:
            return answer
        try:
            return await downloads.stated(answer, new, store, content_room(prepared.progress))
        except (FileStoreOutage, NoSuchFile):
            detail = "the file store is unavailable"
            raise DeliveryError("file-store-unavailable", detail, sent=True) from None


def without_links(answer: Answer) -> Answer:
    """Return the answer with a copy for the evidence, where it has links that let anybody fetch a file."""
    kept = _LINK.sub(rb'\1"' + HIDDEN_LINK.encode() + b'"', answer.body)
    return answer if kept == answer.body else replace(answer, evidence=kept)
