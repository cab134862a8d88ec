"""Sends ExecuteCallback to consumers: SOAP 1.1 over HTTPS without a client certificate, until it is delivered."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from lxml import etree

from sandbox.regix.names import ACTION, CALLBACK, REGIX, SOAP, regix
from sandbox.regix.soap import content_type, envelope, filled, named

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.regix.calls import Call
    from sandbox.regix.entry_point import EntryPoint

_OK, _SUCCESSES = 200, range(200, 300)
_POLL_SECONDS = 0.05
_TIMEOUT = aiohttp.ClientTimeout(total=10.0)
_LONGEST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class CallbackSender:
    """Looks for due callbacks and sends them. ``ca_file`` is what it trusts the consumers by."""

    entry_point: EntryPoint
    clock: Clock
    ca_file: Path

    async def run(self) -> None:
        """Send until cancelled."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
            while True:
                due = self.entry_point.calls.due(self.clock.now())
                await asyncio.gather(*(self._send(session, call) for call in due))
                await asyncio.sleep(_POLL_SECONDS)

    async def _send(self, session: aiohttp.ClientSession, call: Call) -> None:
        point, url = self.entry_point, call.callback_url or ""
        calls, ledger = point.calls, point.ledger  # a reset while it is sent leaves both alone
        delivered, what = await self._deliver(session, url, call)
        now = self.clock.now()
        ledger.called_back(call.call_id, url, {"at": now.isoformat(), "what": what}, delivered=delivered)
        if delivered:
            calls.delivered(call, point.variants)
        else:
            calls.not_delivered(call, point.variants, now)

    async def _deliver(self, session: aiohttp.ClientSession, url: str, call: Call) -> tuple[bool, str]:
        variants = self.entry_point.variants
        if not url.startswith("https://") and not (
            variants.callback_plain_http and url.startswith("http://")
        ):
            return False, "the URL is not https"
        headers = {
            "Content-Type": f"{content_type(SOAP)}; charset=utf-8",
            "SOAPAction": f'"{ACTION}{CALLBACK}"',
        }
        try:
            async with session.post(
                url, data=message_of(call), headers=headers, allow_redirects=False
            ) as answer:
                content = await _start_of(answer.content)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return False, type(error).__name__
        if variants.callback_any_success:
            return answer.status in _SUCCESSES, str(answer.status)
        taken = answer.status == _OK and is_reply(content)
        return taken, str(answer.status) if taken or answer.status != _OK else "200 without a reply message"


def message_of(call: Call) -> bytes:
    """Return the envelope that tells a consumer the result of its call."""
    root, body = envelope(SOAP, "")
    operation = named(CALLBACK, REGIX)
    content = filled(operation, etree.SubElement(operation, regix("request")), call.result.xml())
    return filled(root, body, content)


async def _start_of(stream: aiohttp.StreamReader) -> bytes:
    content = b""
    async for chunk in stream.iter_any():
        content += chunk
        if len(content) > _LONGEST_ANSWER:
            break
    return content


def is_reply(content: bytes) -> bool:
    """Whether a consumer answered with an envelope of SOAP 1.1 that is no fault; WCF waits for one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    body = root.find(f"{{{SOAP}}}Body")
    return root.tag == f"{{{SOAP}}}Envelope" and body is not None and body.find(f"{{{SOAP}}}Fault") is None
