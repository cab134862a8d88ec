"""How signers are shown to people, here and in `herald check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.admin.signers import SignerView

HEAD = ("signer", "certificate valid until (UTC)", "days left", "problem")
UNKNOWN = {
    "ncanode": "not known here: read by NCANode",
}
NOT_ASKED = "not known here: the signer was not asked (--connect asks it)"


def rows(signers: Iterable[SignerView]) -> Iterator[tuple[object, ...]]:
    """Yield a line for each."""
    for one in signers:
        if one.certificate is None:
            end: object = "cannot be used" if one.problem else UNKNOWN.get(one.kind, NOT_ASKED)
            yield one.name, end, "", one.problem or ""
        else:
            yield one.name, one.certificate.expires, one.certificate.days_left, one.problem or ""
