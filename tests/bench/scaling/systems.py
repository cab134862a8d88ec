"""The other national systems: one kind of submission of each, at its sandbox, against a signature of the same run.

Settings and submissions are those of the demo's scenarios, without their faults. A sandbox computes more than the
worker, so that the worker waits for it: what it costs under little load, not under full load. PEU has no sandbox.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

from demo.edelivery.messages import HOSPITAL
from demo.sandbox import Sandbox as DemoSandbox
from demo.scenario import Scenario
from demo.scenarios import chosen
from demo.steps import Results
from tests.bench.contest.contestants import Contestant, herald_of
from tests.bench.scaling.case import Bench, Row, rounds_of, told
from tests.support.postgres.server import TEMPLATE
from tests.support.systems.scene import event
from tests.support.worker.hospital import Event
from tests.support.worker.sandbox import Sandbox, running

Renew: TypeAlias = Callable[[dict[str, Any], int], None]
"""Makes the data of a submission that of another one, by its number."""
EXAMPLE = Path(__file__).parents[3] / "contracts/published/examples/eforms.response.send.v1.json"


@dataclass(frozen=True, slots=True)
class Template:
    """A submission that the others of its kind are like."""

    operation: str
    signer: str
    data: Mapping[str, Any]
    rnu: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of submission; ``template`` is made of what the scenario and the sandbox say."""

    system: str
    what: str
    renew: Renew
    template: Callable[[Scenario, Sandbox], Template]


def _of_demo(step: str) -> Callable[[Scenario, Sandbox], Template]:
    """Take a step of the scenario's first phase."""

    def template(scenario: Scenario, sandbox: Sandbox) -> Template:
        first = scenario.phases(cast("DemoSandbox", sandbox), datetime.now(UTC).date())[0]
        (one,) = (found for found in first.steps(Results()) if found.id == step)
        return Template(one.operation, one.signer, one.data, one.rnu)

    return template


def _response(scenario: Scenario, sandbox: Sandbox) -> Template:
    """Take the contract's example, with the document that it holds itself."""
    data = json.loads(EXAMPLE.read_text(encoding="utf-8"))["value"]
    data["documents"] = [one for one in data["documents"] if "content" in one]
    return Template("response.send", HOSPITAL, data, "bench-request")


def _document(data: dict[str, Any], number: int) -> None:
    data["json"] = {"content": f"{number:012}" * 150}


def _prescription(data: dict[str, Any], number: int) -> None:
    data["lines"][0]["internalId"] = f"{number:010}"


def _report(data: dict[str, Any], number: int) -> None:
    data["context"]["serviceUri"] = f"b-{number}"


def _payment(data: dict[str, Any], number: int) -> None:
    data["aisPaymentId"] = data["reference"]["number"] = f"INV-{number}"


def _same(data: dict[str, Any], number: int) -> None:
    """A search is the same each time, and a letter may be."""


KINDS = (
    Kind("nhif", "document of 2 KB, a new TLS connection each", _document, _of_demo("nhif-doc")),
    Kind("nhif", "document of 2 KB, connections kept", _document, _of_demo("nhif-repeat")),
    Kind("erx", "prescription", _prescription, _of_demo("erx-03")),
    Kind("kz-shep", "search, WS-Security signature (RSA)", _same, _of_demo("kz-iin")),
    Kind("regix", "report of a person, its signature verified", _report, _of_demo("rx-person")),
    Kind("epayment", "payment request, HMAC", _payment, _of_demo("epay-1")),
    Kind("edelivery", "message over the ESB", _same, _of_demo("ed-letter")),
    Kind("eforms", "answer with a document, over the ESB", _same, _response),
)
LARGE = (2_000, 20_000, 200_000)


def systems(bench: Bench) -> list[Row]:
    """One row for each kind of submission."""
    found = []
    for kind in KINDS:
        with serving(bench, kind) as (worker, make):
            row = rounds_of(bench, worker, lambda number, make=make: [make() for _ in range(number)])
            found.append(told({"system": kind.system, "submission": kind.what, **row}))
    return found


def events(bench: Bench) -> list[Row]:
    """NHIF's documents of 2, 20 and 200 KB, whose service keeps connections."""
    found = []
    for size in LARGE:
        kind = Kind("nhif", "document", partial(_of_size, size), _of_demo("nhif-repeat"))
        with serving(bench, kind) as (worker, make):
            row = rounds_of(bench, worker, lambda number, make=make: [make() for _ in range(number)])
            found.append(told({"event_bytes": size, **row}))
    return found


def _of_size(size: int, data: dict[str, Any], number: int) -> None:
    data["json"] = {"content": [f"{number:012}" * 8] * (size // 100)}


@contextmanager
def serving(bench: Bench, kind: Kind) -> Iterator[tuple[Contestant, Callable[[], Event]]]:
    """Run the sandbox and Herald; yield what makes one more event."""
    scenarios = chosen(kind.system)
    with (
        TemporaryDirectory(dir=bench.directory) as name,
        sandbox_of(scenarios, Path(name)) as sandbox,
    ):
        settings = settings_of(scenarios, sandbox, Path(name))
        dsn = bench.postgres.create_database(TEMPLATE)
        with herald_of(
            kind.system, settings=settings, bootstrap=bench.bootstrap, dsn=dsn, directory=Path(name)
        ) as worker:
            yield worker, partial(_made, kind, kind.template(scenarios[-1], sandbox), count())


@contextmanager
def sandbox_of(scenarios: Sequence[Scenario], directory: Path) -> Iterator[Sandbox]:
    """Run the sandbox of the first system, through which the last one is reached."""
    ports = ("--token-port", "0") if scenarios[0].system == "edelivery" else ()
    with running(scenarios[0].system, directory, *ports, kind=Sandbox) as sandbox:
        yield sandbox


def settings_of(scenarios: Sequence[Scenario], sandbox: Sandbox, directory: Path) -> dict[str, Any]:
    """Return the demo's settings of the last system, without its short time limits and its watches.

    What is shared, and the signers, may be those of the system through which it is reached.
    """
    parts = [one.settings(cast("DemoSandbox", sandbox), directory) for one in scenarios]
    section = {key: value for key, value in parts[-1]["system"].items() if key != "watches"}
    if "transport" in section:
        section["transport"] = {"ca_file": sandbox.ca_file}
    return {
        **{name: one for part in parts for name, one in part.get("shared", {}).items()},
        "signers": {name: one for part in parts for name, one in part["signers"].items()},
        "systems": {scenarios[-1].system.replace("-", "_"): section},
    }


def _made(kind: Kind, template: Template, numbers: Iterator[int]) -> Event:
    number, data = next(numbers), copy.deepcopy(dict(template.data))
    kind.renew(data, number)
    attributes = {} if template.rnu is None else {"rnu": template.rnu}
    return event(f"b-{number}", f"{kind.system}.{template.operation}.v1", template.signer, data, **attributes)
