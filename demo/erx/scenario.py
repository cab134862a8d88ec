"""The scenario of the eRx register."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from contracts.counted import counted
from demo.erx.prescriptions import (
    ADMIN,
    DOCTOR,
    GENERATE,
    HUNG,
    ISSUE,
    LOST,
    NEW_USER,
    OTHER_DOCTOR,
    PHARMACY,
    REGISTER,
    RESERVE,
    SYSTEM,
    Practice,
    internal_id,
)
from demo.scenario import Description, Scenario
from demo.steps import ACCEPTED, REJECTED, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Results, Step

_USERS = {DOCTOR: "dr-ivanova", OTHER_DOCTOR: "dr-petrov", ADMIN: "erx-admin"}
_WORDS = {GENERATE: "barcode", RESERVE: "reserve", PHARMACY: "as pharmacy"}
_NNBGR = "http://erx.e-health.bg/ns/nnbgr"


class Erx:
    """Prescriptions, barcodes and users of the eRx register."""

    system = SYSTEM
    title = "eRx"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Log in as the sandbox's users do; the new user's password is made here."""
        known = {one["username"]: one["password_file"] for one in sandbox.ready["users"]}
        secret = directory / "erx-new-doctor.password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(18), encoding="utf-8")
        return {
            "signers": {},
            "system": {
                "api_url": sandbox.url,
                "client": sandbox.ready["client"],
                "users": {
                    signer: {
                        "username": name,
                        "password_file": known[name],
                        "role": "admin" if signer == ADMIN else "user",
                    }
                    for signer, name in _USERS.items()
                },
                "secrets": {NEW_USER: {"password_file": str(secret)}},
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the two phases."""
        del sandbox
        practice = Practice(today)
        return (
            Phase("eRx: prescriptions; answers are lost and time out", _inject_faults, practice.first),
            Phase("eRx: changes, searches, barcodes; tokens expire", _expire_tokens, practice.second),
        )

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every prescription is in the register once, of the right patient, in the version that the reply states."""
        yield from _prescriptions(steps, results, ledger["prescriptions"])
        yield from _reserved(steps, results)
        told = {
            step.data["username"] for step in steps if step.operation == REGISTER and _accepted(step, results)
        }
        has = {user["username"] for user in ledger["users"]}
        for name in sorted(told ^ has):
            yield f"the user {name}: eRx and the replies disagree on whether it is registered"

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the prescriptions."""
        return counted(len(ledger["prescriptions"]), "prescription")

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return _WORDS.get(operation, operation.rpartition(".")[2])

    def describe(self, answer: Answer) -> Description:
        """Say the version, how many were found, or the first error."""
        if answer.kind == REJECTED:
            errors = answer.data["errors"]
            return Description(
                errors[0]["type"] or "refused", tuple(f"eRx: {one['reason']}" for one in errors)
            )
        return _describe(answer.result)


SCENARIO: Scenario = Erx()


def _inject_faults(sandbox: Sandbox) -> None:
    rules = (
        {"kind": "drop-after", "match": {"internalId": internal_id(LOST)}, "times": 1},
        {"kind": "hang-after", "seconds": 6, "match": {"internalId": internal_id(HUNG)}, "times": 1},
    )
    sandbox.faults(rules)


def _expire_tokens(sandbox: Sandbox) -> None:
    sandbox.expire_tokens()


def _accepted(step: Step, results: Results) -> bool:
    answer = results.answer(step)
    return answer is not None and answer.kind == ACCEPTED


def _prescriptions(steps: Sequence[Step], results: Results, lines: Sequence[Any]) -> Iterator[str]:
    by_id: dict[str, list[Any]] = {}
    for line in lines:
        for own_id in line["internalIds"]:
            by_id.setdefault(own_id, []).append(line)
    last = {
        step.data["lines"][0]["internalId"]: step
        for step in steps
        if step.operation == ISSUE and _accepted(step, results)
    }
    for own_id in sorted(by_id.keys() - last.keys()):
        yield f"eRx has the prescription {own_id}, which no reply names"
    for own_id, step in last.items():
        found = by_id.get(own_id, [])
        if len(found) != 1:
            yield f"{step.id}: accepted, and eRx has the prescription {own_id} {counted(len(found), 'time')}"
        elif found[0]["patient"] != _patient(step):
            yield f"{step.id}: the prescription {own_id} is another patient's"
        elif str(found[0]["version"]) != _version(step, results):
            yield f"{step.id}: eRx has version {found[0]['version']}, the reply says {_version(step, results)}"


def _reserved(steps: Sequence[Step], results: Results) -> Iterator[str]:
    """Compare each barcode that was printed before with that of the prescription."""
    issued = {step.data["lines"][0]["internalId"]: step for step in steps if step.operation == ISSUE}
    for step in (step for step in steps if step.operation == RESERVE and _accepted(step, results)):
        after = results.answer(issued[step.data["internalId"]])
        before = results.answer(step)
        has = after.result.get("offlineBarcodes") if after and after.kind == ACCEPTED else None
        if before and has is not None and not set(before.result["barcodes"]) <= set(has):
            yield f"{step.id}: the prescription has another barcode than the one that was printed before"


def _patient(step: Step) -> str:
    return hashlib.sha256(f"{_NNBGR}|{step.data['patient']['identifier']}".encode()).hexdigest()


def _version(step: Step, results: Results) -> str | None:
    answer = results.answer(step)
    lines = answer.result.get("lines") if answer else None
    version: str | None = lines[0].get("version") if lines else None
    return version


def _describe(data: Mapping[str, Any]) -> Description:
    if "found" in data:
        return Description(f"{data['found']} found")
    if data.get("lines"):
        line = data["lines"][0]
        return Description(
            f"version {line.get('version')}", (f"barcode {', '.join(data.get('barcodes') or ())}",)
        )
    if "bytes" in data:
        return Description(f"{data['bytes']} bytes", (data["mediaType"],))
    if "prescriptions" in data:
        return Description(f"{len(data['prescriptions'])} shown")
    if data.get("barcodes"):
        return Description("-", tuple(data["barcodes"]))
    return Description("-", tuple(data[name] for name in ("barcode", "username") if data.get(name)))
