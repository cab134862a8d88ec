"""Faults of eDelivery and of the state ESB: lost answers, other numbers, tokens that end, workers killed in a look."""

from __future__ import annotations

import asyncio
import signal
import time

from tests.chaos.control import ask
from tests.chaos.faults.nhis import FIRED_SECONDS, met
from tests.chaos.run_context import RunContext

AWHILE = 1.0
SEND, UPLOAD, INBOX = "messages.send", "blobs.upload", "messages.inbox"
SLOW_LOOK = {"kind": "delay", "seconds": 1.5, "times": None, "match": {"operation": INBOX}}
LOOKING_SECONDS = 0.7
EXPIRE = {"kind": "expire-tokens"}
"""Once, and some time after the last: a token that is refused although it was just renewed needs an operator."""


async def answers_lost(context: RunContext) -> None:
    """Let the system take messages and lose the answers: the outbox must say whether each was taken."""
    await _lose(context, SEND, "edelivery-drop-after")


async def numbers_replaced(context: RunContext) -> None:
    """The same, while the system gives each message a number of its own in place of the one that was sent."""
    edelivery = context.letters.installation.servers.edelivery
    await ask(lambda: edelivery.control("variants", {"rnu": "replaced"}))
    await _lose(context, SEND, "edelivery-numbers-replaced")
    await ask(lambda: edelivery.control("variants", {"rnu": "kept"}))


async def uploads_lost(context: RunContext) -> None:
    """Let the system keep files and lose the answers."""
    await _lose(context, UPLOAD, "edelivery-uploads-lost")


async def tokens_expired(context: RunContext) -> None:
    """End all tokens of the ESB in the middle of what is under way."""
    edelivery = context.letters.installation.servers.edelivery
    async with context.letters.ending_tokens():
        await met(
            context, edelivery, [EXPIRE], "esb-tokens-expired", AWHILE,
            occasion=context.letters.occasion_to_send,
        )  # fmt: skip


async def tokens_unavailable(context: RunContext) -> None:
    """End all tokens, and let the token service give none for a while."""
    servers = context.letters.installation.servers
    rules = [{"kind": "status", "status": 503, "times": None}]
    async with context.letters.ending_tokens():
        await ask(lambda: servers.edelivery.control("revoke", {}))
        await met(
            context, servers.tokens, rules, "esb-tokens-unavailable", AWHILE,
            occasion=context.letters.occasion_to_send,
        )  # fmt: skip


async def killed_while_looking(context: RunContext) -> None:
    """Let a message arrive while the inbox is read slowly, and kill every worker that has no fault built in."""
    edelivery = context.letters.installation.servers.edelivery
    await ask(lambda: edelivery.faults([SLOW_LOOK]))
    await context.letters.occasion_to_look()
    end = time.monotonic() + FIRED_SECONDS
    while time.monotonic() < end:
        await asyncio.sleep(LOOKING_SECONDS)  # less than a look takes now
        if sum(await ask(edelivery.fired)):
            break
    before = [one for one in context.workers.serving() if one.ordinary]
    for one in before:
        one.send(signal.SIGKILL)
    await asyncio.gather(*(one.end() for one in before))
    context.faults["killed-while-looking"] += sum(await ask(edelivery.fired))
    await ask(edelivery.calm)


async def _lose(context: RunContext, operation: str, name: str) -> None:
    rule = {"kind": "drop-after", "times": 3, "match": {"operation": operation}}
    edelivery = context.letters.installation.servers.edelivery
    await met(context, edelivery, [rule], name, AWHILE, occasion=context.letters.occasion_to_send)
