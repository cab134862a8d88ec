"""The barcode, line identifier and key of each line of a prescription, by either text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.erx.barcodes import Numbers, unique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sandbox.erx.orders import Order
    from sandbox.erx.profile import Profile
    from sandbox.erx.users import User


@dataclass(frozen=True, slots=True)
class LineName:
    """The names of one line. ``key`` says which stored line it replaces."""

    internal_id: str
    barcode: str
    line_id: str
    key: tuple[str, ...]


class Naming:
    """The stems of the newer text follow from seed, day and user; those of the older are counted."""

    def __init__(self, profile: Profile, numbers: Numbers) -> None:
        self._profile = profile
        self._numbers = numbers

    def keys(self, order: Order, user: User, moment: datetime) -> list[str]:
        """Return what makes the prescription the same one as an earlier: its stem, or its internal identifiers."""
        if order.seed is not None:
            return [unique(self._profile.offline_prefix, "date", moment, user.id, order.seed)]
        return list(dict.fromkeys(order.internal_id(line) for line in order.lines))

    def stem(self, order: Order, user: User, moment: datetime) -> str:
        """Return what the barcodes of a new prescription begin with."""
        if order.seed is not None:
            return self.keys(order, user, moment)[0]
        return self._numbers.stem(moment, order.category, user.id)

    def lines(self, order: Order, stem: str) -> list[LineName]:
        """Return the names of the lines, in order."""
        named, on_slip, with_id = [], Counter[str](), Counter[str]()
        for line in order.lines:
            internal_id, barcode = order.internal_id(line), self._barcode(order, stem, line)
            number, again = on_slip[barcode], with_id[internal_id]
            on_slip[barcode] += 1
            with_id[internal_id] += 1
            lettered = order.seed is not None and bool(order.slip(line))
            line_id = f"{barcode}{number}" if lettered else f"{barcode}-{number}"
            key = (line_id,) if order.seed is not None else (internal_id, str(again))
            named.append(LineName(internal_id, barcode, line_id, key))
        return named

    def _barcode(self, order: Order, stem: str, line: Mapping[str, Any]) -> str:
        slip = order.slip(line)
        return f"{stem}-{slip}" if slip and order.seed is not None else f"{stem}{slip}"


def barcodes_of(names: Sequence[LineName]) -> list[str]:
    """Return the barcodes, each once."""
    return list(dict.fromkeys(name.barcode for name in names))
