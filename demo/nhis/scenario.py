"""The scenario of NHIS."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from demo.nhis.audit import differences
from demo.nhis.people import Doctor, PatientStep, People
from demo.nhis.phases import phases
from demo.nhis.records import CANCEL, CERTIFICATE, REACTION, REGISTER, SEARCH, SYSTEM
from demo.nhis.token import module, on_token
from demo.nhis.vaccines import COVID
from demo.people import patients
from demo.scenario import Description, Scenario
from demo.steps import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step

_WORDS = {
    REGISTER: "register",
    SEARCH: "search",
    REACTION: "reaction",
    CANCEL: "cancel",
    CERTIFICATE: "certificate",
}


class Nhis:
    """A hospital's immunizations in NHIS."""

    system = SYSTEM
    title = "NHIS"
    prepared_by: tuple[tuple[str, ...], ...] = (("nomenclatures", "pull"),)

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Sign as the doctors do: the first with a key in a token, if SoftHSM is installed, the last at a provider."""
        signers = sandbox.ready["signers"]
        keys = {one["name"]: _signer(one, sandbox.provider, signers[-1]) for one in signers}
        if (library := module()) is not None:
            keys[signers[0]["name"]] = on_token(signers[0], library, directory / "token")
        return {
            "signers": keys,
            "system": {
                "api_url": sandbox.url,
                "auth_url": sandbox.ready["auth_url"],
                "senders": {one["name"]: {"uin": one["uin"]} for one in signers},
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def notes(self) -> Sequence[str]:
        """Say of which doctors no file holds the key."""
        present = "one doctor's key is in a token (SoftHSM, PKCS#11)"
        absent = "SoftHSM is not installed: no doctor's key is in a token"
        return (
            absent if module() is None else present,
            "one doctor's key is at a provider (a stand-in with the CSC API)",
        )

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the four phases."""
        return phases(people_of(sandbox, today))

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Compare doses, cancellations, reactions and their order."""
        return differences(cast("Sequence[PatientStep]", steps), results, ledger)

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count the immunizations."""
        return f"{len(ledger['registrations'])} immunizations"

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, tuple[str, ...]]:
        """Write an event that nobody has published yet, and return what to try."""
        own = shlex.quote(str(write_own_event(sandbox, directory)))
        return {
            "Publish your own event, and read its reply": (
                f"submit {own}",
                "watch --from-beginning",
            ),
            "Show what waits for a person's decision, and why": (
                "submissions list --state held",
                "submissions show reaction-09",
            ),
        }

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return _WORDS[operation]

    def describe(self, answer: Answer) -> Description:
        """Say the NRN, how many were found, or the first error of an I099."""
        if answer.kind == REJECTED:
            errors = answer.data["errors"]
            return Description(
                " ".join(("I099", errors[0]["type"], *errors[0]["description"][:1])),
                tuple(f"NHIS: {error['reason']}" for error in errors if error["reason"]),
            )
        return Description(_short(answer.result), tuple(_extras(answer.result)))


SCENARIO: Scenario = Nhis()


def _signer(
    one: Mapping[str, str], provider: Mapping[str, Any] | None, at_provider: Mapping[str, str]
) -> Mapping[str, Any]:
    if provider is None or one is not at_provider:
        return {"file": one["pkcs12_file"], "password_file": one["password_file"]}
    (credential,) = (other for other in provider["signers"] if other["name"] == one["name"])
    return {
        "kind": "csc",
        "url": provider["url"],
        "ca_file": provider["ca_file"],
        "credential_id": one["name"],
        "client_id": provider["client_id"],
        "client_secret_file": provider["client_secret_file"],
        "pin_file": credential["pin_file"],
    }


def people_of(sandbox: Sandbox, today: date) -> People:
    """Return the dozen patients with the sandbox's doctors."""
    doctors = tuple(Doctor(one["name"], one["uin"]) for one in sandbox.ready["signers"])
    return People(patients(), doctors, today)


def write_own_event(sandbox: Sandbox, directory: Path) -> Path:
    """Write an event that nobody has published yet, ready for `herald submit`."""
    people = people_of(sandbox, datetime.now(ZoneInfo("Europe/Sofia")).date())
    step = people.register("my-first", 0, COVID)
    own = {**json.loads(step.events[0]), "partitionkey": step.key}
    path = directory / "my-first.json"
    path.write_text(json.dumps(own, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _short(data: Mapping[str, Any]) -> str:
    if "found" in data:
        return f"{data['found']} found"
    return f"{data['bytes']} bytes" if "content" in data else data.get("nrn") or "-"


def _extras(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("certificateNumber"):
        yield f"certificate {data['certificateNumber']}"
    if data.get("alreadyRegistered") or data.get("alreadyCancelled"):
        yield "NHIS had it"
    if data.get("mediaType"):
        yield data["mediaType"]
