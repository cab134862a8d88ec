"""The scenario of NHIF."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.nhif.documents import AWKWARD, CATALOGUE, DOCTOR, READ, STRANGER, SUBMIT, SYSTEM, phases
from demo.scenario import Description, Scenario
from demo.steps import ACCEPTED, HELD, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step

_KEYS = {DOCTOR: "dr-ivanova", STRANGER: "dr-georgieva"}
_WORDS = {READ: "read", SUBMIT: "submit"}


class Nhif:
    """Lists and documents of NHIF."""

    system = SYSTEM
    title = "NHIF"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Use the certificates of the sandbox's doctors, and a catalogue made for the demo."""
        catalogue = directory / "nhif-catalogue.yaml"
        catalogue.write_text(CATALOGUE, encoding="utf-8")
        files = {one["name"]: one for one in sandbox.ready["signers"]}
        return {
            "signers": {
                name: {"file": files[key]["pkcs12_file"], "password_file": files[key]["password_file"]}
                for name, key in _KEYS.items()
            },
            "system": {
                "api_url": sandbox.url,
                "senders": list(_KEYS),
                "catalogue_file": str(catalogue),
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the one phase."""
        del sandbox, today
        return phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every document that was accepted is there as often as its rule allows; parameters arrived as they are."""
        has = Counter(line["sha256"] for line in ledger["documents"])
        known = set()
        for step in (step for step in steps if step.operation == SUBMIT):
            answer, sha256 = results.answer(step), _sha256(step)
            known.add(sha256)
            kind = answer.kind if answer else None
            least = 1 if kind == ACCEPTED else 0
            most = step.expected.least_attempts if kind == ACCEPTED else int(kind == HELD)
            if not least <= has[sha256] <= most:
                times = counted(has[sha256], "time")
                yield f"{step.id}: NHIF has the document {times}, the reply says {least} to {most}"
        for sha256 in has.keys() - known:
            yield f"NHIF has a document {sha256[:12]}…, which nobody published"
        yield from _parameters(steps, results)

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the documents and the lists."""
        return f"{counted(len(ledger['documents']), 'document')}, {counted(len(ledger['reads']), 'list')}"

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return _WORDS[operation]

    def describe(self, answer: Answer) -> Description:
        """Say how large the answer is, or the status that refused."""
        if answer.kind == REJECTED:
            return Description(answer.data["errors"][0]["type"] or "refused")
        return Description(counted(answer.result["bytes"], "byte"), (answer.result["mediaType"],))


SCENARIO: Scenario = Nhif()


def _sha256(step: Step) -> str:
    """Return the hash of the document as it must have arrived: compact JSON."""
    text = json.dumps(step.data["json"], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parameters(steps: Sequence[Step], results: Results) -> Iterable[str]:
    """Compare what was asked for with what the sandbox's lists say of it."""
    for step in steps:
        answer = results.answer(step)
        if step.operation == READ and answer and answer.kind == ACCEPTED:
            arrived = answer.result["content"]["json"].get("parameter1")
            if arrived != AWKWARD:
                yield f"{step.id}: the parameter did not arrive unchanged"
