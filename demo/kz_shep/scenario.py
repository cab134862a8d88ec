"""The scenario of SHEP."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from demo.kz_shep.searches import BY_NCANODE, CLINIC, SYSTEM, phases
from demo.scenario import Description, Scenario
from demo.steps import ACCEPTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step


class KzShep:
    """Searches at SHEP's gateway."""

    system = SYSTEM
    title = "SHEP"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Let one clinic sign in the worker and the other by NCANode."""
        del directory
        own, other = sandbox.ready["signers"][:2]
        senders = zip((CLINIC, BY_NCANODE), sandbox.ready["senders"], strict=True)
        return {
            "signers": {
                CLINIC: _files(own),
                BY_NCANODE: {
                    "kind": "ncanode",
                    "url": sandbox.url,
                    "ca_file": sandbox.ca_file,
                    **_files(other),
                },
            },
            "system": {
                "url": sandbox.ready["gateway_url"],
                "senders": dict(senders),
                "pinned_certificates": [sandbox.ready["gateway_certificate_file"]],
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the searches."""
        del sandbox, today
        return phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every accepted search was done at the gateway, and found as much."""
        done = {(line["way"], line["asked"], line["found"]) for line in ledger["searches"]}
        for step in steps:
            answer = results.answer(step)
            if answer and answer.kind == ACCEPTED:
                way, asked = _asked(step.data)
                if (way, asked, answer.result.get("found")) not in done:
                    yield f"{step.id}: accepted, but SHEP has done no such search by {way}"

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the searches and the signatures."""
        return f"{len(ledger['searches'])} searches, {ledger['documents_signed']} documents signed by NCANode"

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return operation.rpartition(".")[2]

    def describe(self, answer: Answer) -> Description:
        """Say how many were found, or the status that refused."""
        if answer.kind == REJECTED:
            error = answer.data["errors"][0]
            return Description(error["type"] or "-", (f"SHEP: {error['reason']}",))
        statuses = [one["status"] for one in answer.result.get("exemptions") or ()]
        return Description(f"{answer.result['found']} found", (", ".join(statuses),))


SCENARIO: Scenario = KzShep()


def _files(signer: Mapping[str, str]) -> dict[str, str]:
    return {"file": signer["pkcs12_file"], "password_file": signer["password_file"]}


def _asked(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return the way, and how the ledger names what was asked."""
    if "passportNumber" in data:
        way, value = "passport", f"{data['citizenshipCode']}:{data['passportNumber']}"
    else:
        way = "number" if "number" in data else "iin"
        value = data[way]
    return way, hashlib.sha256(f"{way}:{value}".encode()).hexdigest()
