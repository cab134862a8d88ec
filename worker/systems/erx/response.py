"""From a result of the register to the words of the contract; a reader returns None where the result does not fit."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from contracts.erx.pharmacy import PharmacyPrescription
from worker.systems.erx.bundle import NAMESPACE
from worker.systems.erx.envelope import items, member, named, read_json, text
from worker.systems.stated import without_gaps
from worker.systems.typed import typed
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from contracts.model import ContractModel
    from worker.transport.port import Answer

Reader: TypeAlias = "Callable[[object], Mapping[str, Any] | None]"
"""Reads the member `Result`."""
PlainReader: TypeAlias = "Callable[[Answer], Mapping[str, Any] | None]"
"""Reads an answer that comes without the frame."""

_OTHER_RESOURCES = 4
"""Resources of a prescription beside its lines: practitioner, role, patient, encounter."""
_LOCATION = re.compile(r"(?:.*/)?(([A-Za-z]+)/[^/]+)(?:/_history/([^/]+))?")
_LINE = "MedicationRequest"
_WRITTEN = {"200": "updated", "201": "created"}
_BARCODE = re.compile(r"[0-9A-Za-zА-Яа-я._-]{1,200}")
_LONGEST_PLAIN = 1000


def user(result: object) -> dict[str, Any] | None:
    """Read a user: the number and the name must be there."""
    number, name = text(result, "id"), text(result, "username")
    if number is None or name is None:
        return None
    roles = (text(one, "value") for one in items(result, "properties") if text(one, "key") == "roleId")
    authorities = _records(result, "authorities", "id", "authority", "client")
    return without_gaps(
        id=number,
        username=name,
        firstName=text(result, "firstname"),
        lastName=text(result, "lastname"),
        email=text(result, "email"),
        emailVerified=_flag(result, "emailverified"),
        enabled=_flag(result, "enabled"),
        acknowledged=_flag(result, "acknowledged"),
        provider=text(result, "provider"),
        authorities=[one["authority"] for one in authorities if "authority" in one],
        authorityDetails=[one for one in authorities if "authority" in one] or None,
        properties=[one for one in _records(result, "properties", "id", "key", "value") if "key" in one]
        or None,
        roleId=next(roles, None),
    )


def _flag(result: object, name: str) -> bool | None:
    found = member(result, name)
    return found if isinstance(found, bool) else None


def _records(result: object, name: str, *members: str) -> list[dict[str, str]]:
    """Return the objects of a list, with those of the members that are there."""
    return [without_gaps(**{one: text(item, one) for one in members}) for item in items(result, name)]


def registered(username: str, email: str) -> Reader:
    """Read the new user; it must be the one that was sent."""

    def read(result: object) -> Mapping[str, Any] | None:
        found = user(result)
        if found is None or found["username"].lower() != username.lower():
            return None
        return found if found.get("email", email).lower() == email.lower() else None

    return read


def issued(internal_ids: Sequence[str], offline: Sequence[str], *, seed: str | None = None) -> Reader:
    """Read T1, T2 and T3: every entry that was sent must have been written, and every shown line sent.

    With a ``seed``, the register shows the seed as the internal id of every line.
    """

    def read(result: object) -> Mapping[str, Any] | None:
        written = items(result, "t1", "entry")
        statuses = [(text(one, "response", "status") or "")[:3] for one in written]
        if len(written) != len(internal_ids) + _OTHER_RESOURCES or not set(statuses) <= _WRITTEN.keys():
            return None
        shown = items(result, "t2", "entry")
        records = [_record(one, status) for one, status in zip(written, statuses, strict=True)]
        lines = _lines(internal_ids, records, shown, seed)
        if lines is None:
            return None
        t3 = member(result, "t3")
        requests = _resources(shown, _LINE)
        return without_gaps(
            lines=lines,
            locations=[one for one in records if one is not None],
            transactionId=text(result, "t1", "id"),
            barcodes=_barcodes(t3) or distinct(identifier(one, "barcode-id") for one in requests),
            barcodeUrl=t3 if isinstance(t3, str) and "://" in t3 else None,
            prescriptionId=next(iter(distinct(identifier(one, "prescription-id") for one in requests)), None),
            offlineBarcodes=list(offline),
        )

    return read


def _record(entry: object, status: str) -> dict[str, Any] | None:
    """Read one entry of T1; None where it does not name the record that was written."""
    found = _LOCATION.fullmatch(text(entry, "response", "location") or "")
    if found is None:
        return None
    location, resource, version = found.groups()
    return without_gaps(resource=resource, location=location, version=version, status=_WRITTEN[status])


def _lines(
    internal_ids: Sequence[str], written: Sequence[dict[str, Any] | None], shown: list[Any], seed: str | None
) -> list[dict[str, Any]] | None:
    """Return the lines in the order sent. T2 names them, entry by entry as in T1; without names, their order counts.

    Where all lines have one id, their order counts too. Two of them written into one record would be a line lost.
    """
    places = [at for at, one in enumerate(written) if one is not None and one["resource"] == _LINE]
    names = [identifier(_resource(shown, at), "internal") for at in places]
    shared = {seed, None} if len(set(internal_ids)) > 1 else {seed, None, *internal_ids}
    if len(places) == len(internal_ids) and set(names) <= shared and len(set(names)) == 1:
        in_order = list(zip(internal_ids, places, strict=True))
    elif sorted(map(str, names)) == sorted(internal_ids) and len(set(names)) == len(names):
        by_name = dict(zip(names, places, strict=True))
        in_order = [(one, by_name[one]) for one in internal_ids]
    else:
        return None
    lines = [_line(own, written[at], _resource(shown, at)) for own, at in in_order]
    return lines if len({one["location"] for one in lines}) == len(lines) else None


def _resource(shown: list[Any], index: int) -> object:
    return member(shown[index], "resource") if index < len(shown) else None


def _line(internal_id: str, written: dict[str, Any] | None, resource: object) -> dict[str, Any]:
    record = {name: value for name, value in (written or {}).items() if name != "resource"}
    return without_gaps(internalId=internal_id, **record, mrId=identifier(resource, "mr-id"))


def _barcodes(t3: object) -> list[str]:
    """Read T3: an address that draws the barcode, the barcode itself, or a list of them."""
    given = [one for one in (t3 if isinstance(t3, list) else [t3]) if isinstance(one, str)]
    return distinct(_code_in(one) for one in given)


def _code_in(given: str) -> str | None:
    if "://" not in given:
        return given or None
    try:
        return parse_qs(urlsplit(given).query).get("code", [None])[0]
    except ValueError:
        return None


def generated(code: str) -> Reader:
    """Read a barcode that the register made; it must hold the code that was sent."""

    def read(result: object) -> Mapping[str, Any] | None:
        if not isinstance(result, str) or not _BARCODE.fullmatch(result) or code not in result:
            return None
        return {"barcode": result}

    return read


def generated_plain(code: str) -> PlainReader:
    """Read a barcode without the frame: text, or a JSON string."""

    def read(answer: Answer) -> Mapping[str, Any] | None:
        if len(answer.body) > _LONGEST_PLAIN:
            return None
        stated = read_json(answer.body, answer.charset)
        plain = (text_of(answer.body, answer.charset) or "").strip() if stated is None else stated
        return generated(code)(plain)

    return read


def reserved(make: Callable[[str], Sequence[str]], day: date, of_token: str | None) -> Reader:
    """Read the signer's number, and make the barcodes with it: the token's own number comes first (appendix 1)."""

    def read(result: object) -> Mapping[str, Any] | None:
        shown = user(result)
        number = of_token or (shown["id"] if shown else None)
        if shown is None or number is None:
            return None
        return {"barcodes": list(make(number)), "userId": number, "day": day.isoformat()}

    return read


def image(answer: Answer) -> Mapping[str, Any] | None:
    """Read an image; its content type names the format."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not re.fullmatch(r"image/[a-z0-9.+-]{1,50}", kind) or not answer.body:
        return None
    return {
        "content": base64.b64encode(answer.body).decode(),
        "mediaType": kind,
        "bytes": len(answer.body),
        "sha256": hashlib.sha256(answer.body).hexdigest(),
    }


def found(kind: str, model: type[ContractModel] | None = None) -> Reader:
    """Read the result of a search: a FHIR Bundle of resources of one kind, or a plain list of them.

    Each resource has the members that the model names; without a model, it is as it came.
    """

    def read(result: object) -> Mapping[str, Any] | None:
        if isinstance(result, list):
            resources, total, listed = _of_kind(result, kind), None, result
        elif text(result, "resourcetype") == "Bundle":
            listed = items(result, "entry")
            resources, total = _resources(listed, kind), member(result, "total")
        else:
            return None
        if len(resources) != len(listed):
            return None
        known = isinstance(total, int) and not isinstance(total, bool) and total >= len(resources)
        if total is not None and not known:
            return None
        results = resources if model is None else [typed(model, one, _members) for one in resources]
        return without_gaps(found=len(resources), total=total, results=results)

    return read


def found_plain(kind: str, model: type[ContractModel] | None = None) -> PlainReader:
    """Read a FHIR Bundle that comes without the frame."""

    def read(answer: Answer) -> Mapping[str, Any] | None:
        document = read_json(answer.body, answer.charset)
        return None if isinstance(document, list) else found(kind, model)(document)

    return read


def shown_to_pharmacy(result: object) -> Mapping[str, Any] | None:
    """Read a pharmacy's view: a list of prescriptions."""
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        return None
    return {"prescriptions": [typed(PharmacyPrescription, one, _members) for one in result]}


def _members(value: dict[str, Any], name: str) -> list[Any]:
    """Find members whatever letters their names are written in."""
    return named(value, name.lower())


def identifier(resource: object, kind: str) -> str | None:
    """Return a resource's first identifier of one of the register's own kinds."""
    return next(iter(identifiers(resource, kind)), None)


def identifiers(resource: object, kind: str) -> list[str]:
    """Return all of a resource's identifiers of one of the register's own kinds."""
    own = (one for one in items(resource, "identifier") if text(one, "system") == NAMESPACE + kind)
    return [value for value in (text(one, "value") for one in own) if value is not None]


def distinct(values: Iterable[str | None]) -> list[str]:
    """Return each value once, in order."""
    return list(dict.fromkeys(value for value in values if value is not None))


def _resources(entries: list[Any], kind: str) -> list[Any]:
    return _of_kind([member(entry, "resource") for entry in entries], kind)


def _of_kind(resources: list[Any], kind: str) -> list[Any]:
    return [one for one in resources if text(one, "resourcetype") == kind]
