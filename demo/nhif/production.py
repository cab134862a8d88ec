"""NHIF on the stage of the demo."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from demo.acts import ACCEPTED, HELD, REJECTED
from demo.nhif.documents import AWKWARD, CATALOGUE, DOCTOR, READ, STRANGER, SUBMIT, SYSTEM, rounds
from demo.production import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.acts import Act, Round
    from demo.played import Answer, Played
    from demo.sandbox import Sandbox

_KEYS = {DOCTOR: "dr-ivanova", STRANGER: "dr-georgieva"}
_WORDS = {READ: "read", SUBMIT: "submit"}


class Nhif:
    """The Production for NHIF."""

    system = SYSTEM
    title = "NHIF"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Come with the certificates of the sandbox's doctors, and with a catalogue of one's own."""
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

    def rounds(self, sandbox: Sandbox, today: date) -> Sequence[Round]:
        """Return the one round."""
        del sandbox, today
        return rounds()

    def mismatches(self, acts: Sequence[Act], played: Played, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every document that was accepted is there as often as its rule allows; parameters arrived as they are."""
        has = Counter(line["sha256"] for line in ledger["documents"])
        known = set()
        for act in (act for act in acts if act.operation == SUBMIT):
            answer, sha256 = played.answer(act), _sha256(act)
            known.add(sha256)
            kind = answer.kind if answer else None
            least = 1 if kind == ACCEPTED else 0
            most = act.expected.least_attempts if kind == ACCEPTED else int(kind == HELD)
            if not least <= has[sha256] <= most:
                yield f"{act.id}: NHIF has the document {has[sha256]} times, the reply says {least} to {most}"
        for sha256 in has.keys() - known:
            yield f"NHIF has a document {sha256[:12]}…, which nobody published"
        yield from _parameters(acts, played)

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the documents and the lists."""
        return f"{len(ledger['documents'])} documents, {len(ledger['reads'])} lists"

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return _WORDS[operation]

    def told(self, answer: Answer) -> Told:
        """Say how large the answer is, or the status that refused."""
        if answer.kind == REJECTED:
            return Told(answer.data["errors"][0]["type"] or "refused")
        return Told(f"{answer.result['bytes']} bytes", (answer.result["mediaType"],))


def _sha256(act: Act) -> str:
    """Return the hash of the document as it must have arrived: compact JSON."""
    text = json.dumps(act.data["json"], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parameters(acts: Sequence[Act], played: Played) -> Iterable[str]:
    """Compare what was asked for with what the sandbox's lists say of it."""
    for act in acts:
        answer = played.answer(act)
        if act.operation == READ and answer and answer.kind == ACCEPTED:
            arrived = answer.result["content"]["json"].get("parameter1")
            if arrived != AWKWARD:
                yield f"{act.id}: the parameter did not arrive as it was given"
