"""The events of the benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid5

from contracts.nhis.immunization import RegisterImmunization
from tests.bench.contest.surroundings import Surroundings
from tests.bench.plain.events import Event

SIGNERS = [SimpleNamespace(name=f"dr-{n}", uin=f"23{n:08}") for n in range(2)]


def test_both_workers_contracts_take_every_event():
    around = Surroundings(Path(), "https://nhis.example", Path(), SIGNERS, 0)
    events = around.events(5, keys=3)
    assert [one.id for one in events] == [str(uuid5(around.run, str(number))) for number in range(5)]
    assert [one.key for one in events] == [b"p-0", b"p-1", b"p-2", b"p-0", b"p-1"]
    assert [Event.model_validate_json(one.value).signer for one in events] == ["dr-0", "dr-1"] * 2 + ["dr-0"]
    for one in events:
        RegisterImmunization.model_validate(json.loads(one.value)["data"])
