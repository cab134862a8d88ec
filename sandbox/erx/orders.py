"""A requested prescription: read, and checked against every rule before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.erx import parts, texts
from sandbox.erx.errors import BusinessError, Rejected, invalid, mandatory, missing_parameter
from sandbox.erx.namespaces import BOOKLET_PART, INTERNAL, NHIF_MEDICINES, extended, identified
from sandbox.erx.reading import Unreadable, at, objects_at, parameter, read_object, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.erx.profile import Profile

CATEGORIES = "WGYNABC"
THREE_SLIPS = "A"  # form 5A: a barcode for each slip
_NHIF = "NABC"
_MAX_ENTRIES = 100
_SEED = re.compile(r"[!-~]{1,64}")  # a text without blanks, which a barcode can hold
_PART = re.compile(r"[ABC][0-9]")


@dataclass(frozen=True, slots=True)
class Order:
    """A bundle that breaks no rule. ``category`` is one letter of `CATEGORIES`."""

    category: str
    seed: str | None
    resources: Sequence[Mapping[str, Any]] = field(repr=False)

    @property
    def lines(self) -> list[Mapping[str, Any]]:
        """The medication requests, in order."""
        return [one for one in self.resources if one["resourceType"] == parts.MEDICATION_REQUEST]

    def one(self, kind: str) -> Mapping[str, Any]:
        """Return the only resource of this type."""
        return next(one for one in self.resources if one["resourceType"] == kind)

    def internal_id(self, line: Mapping[str, Any]) -> str:
        """Return the issuer's own identifier of the prescription that the line belongs to."""
        return self.seed or identified(line, INTERNAL) or ""

    def slip(self, line: Mapping[str, Any]) -> str:
        """Return the letter of the slip that the line is on, where its barcode has one."""
        part = extended(line, BOOKLET_PART, "valueString")
        lettered = self.seed is None or self.category == THREE_SLIPS
        return part[0] if lettered and isinstance(part, str) and _PART.fullmatch(part) else ""


def read_order(profile: Profile, query: str, body: bytes) -> Order:
    """Return what is asked for. Raises Rejected with every problem."""
    try:
        bundle = read_object(body)
    except Unreadable as error:
        raise Rejected([BusinessError(texts.INVALID_REQUEST)]) from error
    resources = [at(entry, "resource") for entry in objects_at(bundle, "entry")]
    order = Order(
        category=_category(profile, query, resources),
        seed=parameter(query, "seed") if profile.seeded else None,
        resources=[one for one in resources if isinstance(one, dict)],
    )
    problems = [*_query_problems(profile, query), *_bundle_problems(bundle)]
    if not problems:
        problems = [*_entry_problems(profile, order, resources), *_count_problems(order)]
    if problems:
        raise Rejected(problems)
    return order


def internal_ids(profile: Profile, query: str, body: bytes) -> list[str]:
    """Return the issuer's identifiers in a request that may be anything, for traits and faults."""
    if profile.seeded:
        seed = parameter(query, "seed")
        return [seed] if seed else []
    try:
        entries = objects_at(read_object(body), "entry")
    except Unreadable:
        return []
    found = (identified(at(entry, "resource"), INTERNAL) for entry in entries)
    return [one for one in found if one is not None]


def _category(profile: Profile, query: str, resources: Sequence[Any]) -> str:
    """Return the letter: a parameter in the newer text, in the older one a coding (`nhif`: N)."""
    if profile.seeded:
        return parameter(query, "category") or ""
    codes = (text_at(one, "category", 0, "coding", 0, "code") for one in resources)
    return next((code[0].upper() for code in codes if code), "")


def _query_problems(profile: Profile, query: str) -> Iterator[BusinessError]:
    if not profile.seeded:
        return
    given = {name: parameter(query, name) for name in ("seed", "category")}
    yield from (missing_parameter(name) for name, value in given.items() if value is None)
    if given["seed"] is not None and not _SEED.fullmatch(given["seed"]):
        yield invalid(None, "seed")
    if given["category"] is not None and given["category"] not in tuple(CATEGORIES):
        yield invalid(None, "category")


def _bundle_problems(bundle: Mapping[str, Any]) -> Iterator[BusinessError]:
    for name, only in (("resourceType", "Bundle"), ("type", "transaction")):
        if bundle.get(name) is None:
            yield mandatory(name, name)
        elif bundle[name] != only:
            yield invalid(name, name)
    entries = bundle.get("entry")
    if not entries:
        yield mandatory("entry", "entry")
    elif len(objects_at(bundle, "entry")) not in range(1, _MAX_ENTRIES + 1) or not all(
        isinstance(entry, dict) for entry in entries
    ):
        yield invalid("entry", "entry")


def _entry_problems(profile: Profile, order: Order, resources: Sequence[Any]) -> Iterator[BusinessError]:
    for number, resource in enumerate(resources):
        place = f"entry[{number}].resource"
        kind = at(resource, "resourceType")
        if kind not in (*parts.SINGLE, parts.MEDICATION_REQUEST):
            yield BusinessError(texts.UNKNOWN_RESOURCE, "{unknown.resourceType}", f"{place}.resourceType")
            continue
        yield from parts.problems_of(resource, place)
        if kind == parts.MEDICATION_REQUEST:
            yield from _line_problems(profile, order, resource, place)


def _line_problems(
    profile: Profile, order: Order, line: Mapping[str, Any], place: str
) -> Iterator[BusinessError]:
    if not profile.seeded:
        yield from parts.identifier_problems(line, INTERNAL, place)
        yield from parts.Part(("category", 0, "coding", 0, "code"), _old_category).problems(line, place)
    if order.category in tuple(_NHIF):
        yield from parts.REASON.problems(line, place)
        coding = at(line, "medicationCodeableConcept", "coding", 0)
        if text_at(coding, "system") not in (None, NHIF_MEDICINES):
            path = f"{place}.medicationCodeableConcept.coding[0].system"
            yield BusinessError(texts.NOT_NHIF_CODE, "{invalid.medication.system}", path)
    if order.seed is not None and order.category == THREE_SLIPS and not order.slip(line):
        yield mandatory(f"{place}.extension", "bgnhif-booklet-part")


def _old_category(value: object) -> bool:
    """Whether a barcode of the older text has a letter for it: W, G, Y or N (`nhif`)."""
    return parts.is_text(value) and str(value)[0].upper() in "WGYN"


def _count_problems(order: Order) -> Iterator[BusinessError]:
    counts = Counter(str(one.get("resourceType")) for one in order.resources)
    for kind in (parts.MEDICATION_REQUEST, *parts.SINGLE):
        if counts[kind] == 0:
            yield mandatory("entry", kind)
        elif kind in parts.SINGLE and counts[kind] > 1:
            yield BusinessError(texts.TOO_MANY, "{duplicate.resource}", "entry", {"name": kind})
