"""What each step costs from an event's bytes to the signed message, and from an answer's bytes to the reply's.

Run `python -m tests.bench.message [--profile STAGE]`. No I/O: the steps are called as the pipeline calls them, one
after another in rounds that take turns with a bare RSA-2048 signature. Prints a table of CPU milliseconds and of ratios
to that signature, and as the last line one JSON document. ``--profile`` prints where one stage spends its time.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count

from contracts.registry import EVENT_TYPES
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import Issued, issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.systems.kz_shep.answers import answer as shep_answer
from tests.support.systems.kz_shep.answers import envelope, response
from tests.support.systems.kz_shep.soap import signed_by_xmlsec
from tests.support.systems.kz_shep.system import SENDER
from tests.support.systems.nhis.answers import ScriptedClients, challenge, leaves, message, token
from tests.support.systems.scene import event
from worker.pipeline.decision import Finish
from worker.pipeline.ports import Record, State
from worker.pipeline.reading import Reader
from worker.pipeline.rendering import Renderer
from worker.pipeline.reply_context import ReplyContext
from worker.pipeline.routing import Routing
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.wsse.sign import WsseSigner
from worker.submission import Submission
from worker.systems.kz_shep.build import request_schemas as shep_schemas
from worker.systems.kz_shep.medical_exemption import SERVICE
from worker.systems.kz_shep.operations import SERVICES
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.kz_shep.system import KzShepSystem
from worker.systems.kz_shep.trust import Trust
from worker.systems.nhis.build import request_schemas as nhis_schemas
from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import NhisSettings
from worker.systems.nhis.system import NhisSystem
from worker.systems.port import Attempt, System
from worker.transport.port import Answer

ROUNDS = 15
SECONDS_PER_ROUND = 0.05
SIGNATURE = "bare RSA-2048 signature"
NOTE = "Изписана бележка за ваксината, с която събитието е голямо около две хиляди байта. "
Stage = Callable[[], Awaitable[object]]


def now() -> datetime:
    return datetime.now(UTC)


def nhis(doctor: Issued) -> NhisSystem:
    settings = NhisSettings(
        api_url="https://nhis.test",
        auth_url="https://auth.nhis.test/token",
        senders={"one": {"uin": "0000000001"}},
    )
    clients = ScriptedClients(ScriptedClient([]), ScriptedClient([challenge(), token("t" * 400)]))
    return NhisSystem(
        settings,
        schemas=nhis_schemas(settings, [one.request for one in exchanges(settings).values()]),
        keys={"one": file_key("one", doctor)},
        clients=clients,
        code_lists={},
        now=now,
        monotonic=lambda: 0.0,
    )


def shep(doctor: Issued, gateway: Issued) -> KzShepSystem:
    settings = KzShepSettings(
        url="https://shep.test/sync",
        senders={"one": {"sender_id": "mis-login-1", "password": "invented-1"}},
        pinned_certificates=["pinned.pem"],
    )
    return KzShepSystem(
        settings,
        services=(SERVICE,),
        schemas=shep_schemas(SERVICES),
        senders={"one": SENDER},
        signers={"one": WsseSigner(file_key("one", doctor))},
        trust=Trust([gateway.certificate], now=now),
        client=ScriptedClient([]),
        now=now,
    )


def registration() -> dict:
    example = EVENT_TYPES["nhis.immunization.register.v1"].example
    return {**example, "immunization": {**example["immunization"], "note": NOTE}}


class Way:
    """The steps of one submission of one system, each as the pipeline calls it."""

    def __init__(self, system: System, event_type: str, data: dict, answer: Callable[[str], Answer]) -> None:
        self._system = system
        made = event("b-1", event_type, "one", data)
        self._record = Record("t", 0, 1, 0, made.key, made.value, made.headers)
        self._reader = Reader(
            system.name, knows_signer={"one"}.__contains__, today=lambda: now().date(), max_event_bytes=2**20
        )
        self._renderer = Renderer(system.name, Routing.of("herald.", system.name), max_reply_bytes=900_000)
        self._submission: Submission = submission(event_type, data)
        self._numbers = count()
        self._answered = answer

    async def stages(self) -> dict[str, Stage]:
        """Return the steps by name, after each was taken once."""
        read = self._reader.read(self._record)
        assert isinstance(read, Submission), read
        prepared = await self._system.prepare(read, self._attempt())
        got = self._answered(prepared.message_id)
        outcome = self._system.interpret(read, prepared, got)
        context = ReplyContext(
            read.ref, read.operation, answer=got, attempts=1, first_attempt=now(), last_attempt=now()
        )
        end = Finish(State.ACCEPTED, outcome)

        async def peek() -> None:
            self._reader.sender(self._record)

        async def reading() -> None:
            self._reader.read(self._record)

        async def checking() -> None:
            self._system.identity(read)
            await self._system.check(read)

        async def preparing() -> None:
            await self._system.prepare(read, self._attempt())

        async def interpreting() -> None:
            self._system.interpret(read, prepared, got)

        async def rendering() -> None:
            self._renderer.final(self._record, context, end, now())

        return {
            "peek": peek,
            "read": reading,
            "check": checking,
            "prepare": preparing,
            "interpret": interpreting,
            "render": rendering,
        }

    def _attempt(self) -> Attempt:
        number = next(self._numbers)
        return Attempt(1, str(uuid.UUID(int=number, version=4)), now(), self._identity())

    def _identity(self) -> str:
        return self._system.identity(self._submission)


def ways() -> dict[str, Way]:
    """Return the systems that sign, each with one submission; the events are of 2 KB and 0.3 KB."""
    usage = key_usage(digital_signature=True)
    doctor, gateway = issue("Bench", usage=usage), issue("Gateway", usage=usage)
    lrn = registration()["immunization"]["lrn"]
    stated = leaves(nrnImmunization="26001A2B3C4D", lrn=lrn, status="1")
    found = shep_answer(signed_by_xmlsec(gateway, envelope(response())))
    search = "kz-shep.medical-exemption.search.v1"
    return {
        "nhis": Way(
            nhis(doctor),
            "nhis.immunization.register.v1",
            registration(),
            lambda message_id: Answer(
                200, {"content-type": "application/xml"}, message("I002", stated, message_id=message_id)
            ),
        ),
        "kz-shep": Way(shep(doctor, gateway), search, dict(EVENT_TYPES[search].example), lambda _: found),
    }


async def _all_stages() -> dict[str, Stage]:
    key = issue("Bench", usage=key_usage(digital_signature=True)).key

    async def bare() -> None:
        SignatureAlgorithm.RSA_SHA256.sign(key, b"x" * 32)

    found: dict[str, Stage] = {SIGNATURE: bare}
    for name, way in ways().items():
        found |= {f"{name} {stage}": run for stage, run in (await way.stages()).items()}
    return found


async def _round(stage: Stage) -> float:
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < SECONDS_PER_ROUND:
        await stage()
        done += 1
    return spent / done * 1000


async def measure(stages: dict[str, Stage]) -> dict[str, float]:
    """Return the median CPU milliseconds of each stage; rounds take turns, so that a slow moment hits all alike."""
    seen: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            seen[name].append(await _round(stage))
    return {name: statistics.median(costs) for name, costs in seen.items()}


async def profile(stage: Stage) -> None:
    """Print where a stage spends its time."""
    with cProfile.Profile() as profiler:
        for _ in range(2000):
            await stage()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


async def run(wanted: str | None) -> None:
    stages = await _all_stages()
    if wanted is not None:
        await profile(stages[wanted])
        return
    measured = await measure(stages)
    base = measured[SIGNATURE]
    for name, cost in measured.items():
        print(f"{name:<28}{cost:>9.4f} ms{cost / base:>8.2f}")
    told = {
        name: {"cpu_ms": round(cost, 4), "ratio": round(cost / base, 2)} for name, cost in measured.items()
    }
    print(json.dumps(told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", metavar="STAGE", help='e.g. "nhis read"')
    asyncio.run(run(parser.parse_args().profile))


if __name__ == "__main__":
    main()
