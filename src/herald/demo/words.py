"""What a person reads of a reply: the number or error in a word, and the rest in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from herald.demo.acts import CANCEL, CERTIFICATE, REACTION, REGISTER, REJECTED, SEARCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from herald.demo.acts import Act
    from herald.demo.played import Answer

OPERATIONS = {
    REGISTER: "register",
    SEARCH: "search",
    REACTION: "reaction",
    CANCEL: "cancel",
    CERTIFICATE: "certificate",
}


@dataclass(frozen=True, slots=True)
class Told:
    """``short`` is the NRN, what was found, or the error's code; ``long`` what else there is to say."""

    short: str
    long: str


def told(act: Act, answer: Answer | None) -> Told:
    """Say what came of a submission."""
    if answer is None:
        return Told("-", act.note)
    short, said = _of(answer)
    return Told(short, "; ".join(filter(None, (act.note, *said))))


def _of(answer: Answer) -> tuple[str, tuple[str, ...]]:
    if answer.kind == REJECTED:
        errors = answer.data["errors"]
        return _code(errors[0]), tuple(f"NHIS: {error['reason']}" for error in errors if error["reason"])
    if "code" in answer.data:
        paths = [problem["path"] for problem in answer.data.get("problems", ())]
        return answer.data["code"], (", ".join(path.removeprefix("$.data.") for path in paths),)
    return _short(answer.data["data"]), tuple(_extras(answer.data["data"]))


def _code(error: Mapping[str, Any]) -> str:
    return " ".join(("I099", error["type"], *error["description"][:1]))


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
