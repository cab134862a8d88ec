"""Samples of a profiler, sorted into the stages of a submission."""

from __future__ import annotations

import time
from importlib.util import find_spec

import pytest

from tests.bench.contest import profile
from tests.bench.contest.profile import STAGES, shares, stage_of
from tests.support.readme import ROOT

LOOP = "run_forever (asyncio/base_events.py:1)"
ENGINE = "deliver (/w/worker/pipeline/engine.py:9)"


@pytest.mark.parametrize(
    ("innermost", "stage"),
    [
        ("sign (cryptography/rsa.py:1)", "engine"),
        ("build (/w/worker/xml/builder.py:1)", "build"),
        ("parse (/w/worker/xml/answer.py:1)", "interpret"),
        ("sign_digests (/w/worker/signing/keys/pkcs12.py:1)", "sign"),
        ("send (aiohttp/client_reqrep.py:1)", "exchange"),
        ("send (aiokafka/producer/sender.py:1)", "replies"),
        ("getmany (aiokafka/consumer/fetcher.py:1)", "intake"),
    ],
    ids=["library-of-its-caller", "build", "interpret", "sign", "exchange", "replies", "intake"],
)
def test_the_innermost_frame_that_belongs_to_a_stage_decides(innermost, stage):
    assert stage_of([innermost, ENGINE, LOOP]) == stage


def test_shares_leave_out_threads_that_wait():
    raw = "\n".join(
        [
            f"{LOOP};{ENGINE} 3",
            f"{LOOP} 1",
            "bootstrap (threading.py:1);_worker (python3.11/concurrent/futures/thread.py:81) 50",
        ]
    )
    assert shares(raw) == {"engine": 0.75, "loop": 0.25}
    assert shares("") == {}


@pytest.mark.parametrize("place", [place for places in STAGES.values() for place in places])
def test_every_place_is_of_herald_or_of_a_library(place):
    ours = (
        path.relative_to(ROOT).as_posix()
        for room in ("worker", "contracts")
        for path in (ROOT / room).rglob("*.py")
    )
    assert any(place in path for path in ours) or find_spec(place.partition("/")[0])


def test_a_profiler_that_does_not_end_is_killed(monkeypatch, tmp_path, capsys):
    deaf = tmp_path / "py-spy"
    deaf.write_text(f"#!/bin/sh\ntrap '' INT\ntouch {tmp_path}/begun\nexec sleep 60\n")
    deaf.chmod(0o700)
    monkeypatch.setattr(profile, "profiler", lambda: str(deaf))
    monkeypatch.setattr(profile, "END_SECONDS", 0.2)

    with profile.profiling(1, tmp_path / "raw"):
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)

    assert "did not end" in capsys.readouterr().err
