"""A fault that must come is injected until it took effect; one of a later round comes once."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest

from tests.chaos import run
from tests.chaos.schedule import Lane

EFFECT_AT = 3


class Fault:
    """Takes effect at the third try only, as one does whose process dies by another fault before."""

    def __init__(self, enough: asyncio.Event) -> None:
        self.tries = 0
        self._enough = enough

    async def __call__(self, context: SimpleNamespace) -> None:
        self.tries += 1
        if self.tries >= EFFECT_AT:
            context.counted["fault"] += 1
            self._enough.set()


@pytest.mark.parametrize("later", [None, 0.01])
async def test_a_fault_that_must_come_is_injected_until_it_took_effect(monkeypatch, later):
    enough = asyncio.Event()
    fault = Fault(enough)
    monkeypatch.setattr(run, "FAULTS", {"fault": fault})
    counted: Counter[str] = Counter()
    context = SimpleNamespace(
        chance=Random(1), in_progress=set(), counted=counted, all_faults=lambda: counted
    )

    await run._inject(context, Lane(("fault",), 0.0, later), enough)

    assert fault.tries == EFFECT_AT
    assert context.in_progress == set()


async def test_a_fault_of_a_later_round_comes_once_though_it_took_no_effect(monkeypatch):
    enough, tries = asyncio.Event(), []

    async def fault(_context: SimpleNamespace) -> None:
        tries.append(len(tries))
        if len(tries) == EFFECT_AT:
            enough.set()

    monkeypatch.setattr(run, "FAULTS", {"fault": fault})
    monkeypatch.setattr(run, "injections", lambda _lane, _chance: iter([(False, 0.0, "fault")] * 9))
    context = SimpleNamespace(chance=Random(1), in_progress=set(), all_faults=Counter)

    await run._inject(context, Lane(("fault",), 0.0, 0.0), enough)

    assert len(tries) == EFFECT_AT
