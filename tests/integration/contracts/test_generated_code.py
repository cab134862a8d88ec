"""Code generators that hospitals use make code of the published contracts that compiles, and keeps the dates.

Java's classes need Jackson, which comes with Kafka's jars.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from contracts.content_hash import content_hash
from contracts.registry import EVENT_TYPES, validate
from tests.support.node import FOLDER, node_program, run_script

PUBLISHED = Path(__file__).resolve().parents[3] / "contracts" / "published"
TYPESCRIPT = ("--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")
MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00\.000Z")


@pytest.fixture(scope="module")
def node():
    return node_program("quicktype-core")


@pytest.fixture(scope="module")
def generated(node, tmp_path_factory):
    """The folder with what was generated from the published files."""
    folder = tmp_path_factory.mktemp("generated")
    done = run_script(node, "generate.mjs", PUBLISHED, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def java(folder, classpath, target):
    files = [str(path) for path in sorted(folder.glob("*.java"))]
    # A compiler that runs for seconds earns nothing from compiling itself a second time.
    quick = ("-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1")
    return ["javac", *quick, "-nowarn", "-proc:none", "-d", str(target), "-cp", classpath, *files]


def test_everything_compiles(node, generated, kafka_distribution):
    if shutil.which("javac") is None:
        pytest.skip("no javac on the path: a JDK of Java 17 or newer is needed")
    classpath, tsc = kafka_distribution.classpath, str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc")
    commands = {
        "modelina-java": java(generated / "modelina-java", classpath, generated / "modelina-classes"),
        "quicktype-java": java(generated / "quicktype-java", classpath, generated / "quicktype-classes"),
        "typescript": [node, tsc, *TYPESCRIPT, "--noEmit", *map(str, generated.glob("*-ts/*.ts"))],
    }
    with ThreadPoolExecutor(len(commands)) as together:
        done = dict(zip(commands, together.map(run, commands.values()), strict=True))
    assert {name: one.stdout + one.stderr for name, one in done.items() if one.returncode} == {}


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_modelina_makes_a_class_of_each_event_with_typed_fields(generated):
    made = {
        path.stem: path.read_text(encoding="utf-8") for path in (generated / "modelina-java").glob("*.java")
    }
    assert {contract.model.__name__ for contract in EVENT_TYPES.values()} <= set(made)
    # A class with a number in place of a name is one that the schemas give no title.
    assert [name for name in made if "Anonymous" in name] == []
    untyped = {name for name, text in made.items() if "private Object " in text}
    # Documents that are passed on may be any JSON.
    assert untyped == {"Content", "DocumentPart", "RegisterAnswer", "ServiceResult", "SubmitDocument"}
    assert "private LocalDate occurrence;" in made["Immunization"]
    assert "private DoseQuantity doseQuantity;" in made["Immunization"]
    assert "private String nrn;" in made["SearchImmunizations"]
    assert "OffsetDateTime authoredOn;" in made["IssuePrescription"]


def test_events_survive_quicktypes_typescript(node, generated, tmp_path):
    tsc = str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc")
    done = run(
        [node, tsc, *TYPESCRIPT, "--outDir", str(tmp_path), str(generated / "quicktype-ts" / "events.ts")]
    )
    assert done.returncode == 0, done.stdout
    (tmp_path / "package.json").write_text('{"type": "module"}')
    written = run_script(node, "round-trip.mjs", tmp_path / "events.js", PUBLISHED)
    assert written.returncode == 0, written.stderr
    events = {one["type"]: one["value"] for one in map(json.loads, written.stdout.splitlines())}
    assert set(EVENT_TYPES) <= set(events)
    # TypeScript has no date alone: quicktype writes midnight, which is taken for the day.
    assert MIDNIGHT.search(events["nhis.immunization.register.v1"]["patient"]["birthDate"])
    for event_type, contract in EVENT_TYPES.items():
        validate(event_type, events[event_type], today=date(2025, 6, 1))
        days = json.loads(MIDNIGHT.sub(r"\1", json.dumps(events[event_type])))
        example = json.loads(json.dumps(contract.example, default=dict))
        same = [content_hash(event_type, "s", moments(data)) for data in (days, example)]
        assert same[0] == same[1], event_type


def moments(data):
    """Data with its moments in one form: quicktype's clients write UTC with milliseconds."""
    form = r'"([0-9-]{10}T[0-9:]{8})(?:\.000)?(?:Z|\+00:00)"'
    return json.loads(re.sub(form, r'"\1Z"', json.dumps(data)))
