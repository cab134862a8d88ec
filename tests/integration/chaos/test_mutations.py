"""The audit can fail: it catches each broken engine in a scenario that the real one comes through."""

from __future__ import annotations

import pytest

from tests.chaos import mutations
from tests.chaos.audit import audit, held, owed
from tests.chaos.finding import Count
from tests.chaos.mutation_scenario import run_scenario

CAUGHT = {
    "answer-every-time": Count.COPIED,
    "commit-before-reply": Count.LOST,
    "no-sending-state": Count.REGISTERED_TWICE,
    "blind-retry": Count.REGISTERED_TWICE,
    "no-fencing": Count.REGISTERED_TWICE,
    "no-last-word": Count.DISAGREEMENTS,
    "order-by-partition-only": Count.OUT_OF_ORDER,
}


@pytest.mark.timeout(240)
async def test_the_engine_comes_through(installation):
    evidence = await run_scenario(installation, None)

    assert [str(finding) for finding in audit(evidence)] == []
    assert held(evidence) == {"reaction-1", "reaction-2", "reaction-4"}
    assert len(owed(evidence)) == 28
    assert len(evidence.registrations) == 24


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mutation", mutations.NAMES)
async def test_a_broken_engine_is_caught(installation, mutation):
    findings = audit(await run_scenario(installation, mutation))

    assert CAUGHT[mutation] in {finding.count for finding in findings}, [str(one) for one in findings]
