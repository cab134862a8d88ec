"""NHIS's ledger against what was published: everything once, and each patient's in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.support.worker.hospital import Event, Patient
from tests.support.worker.installation import Installation


async def registered_in_order(
    installation: Installation, patients: Iterable[Patient], published: Sequence[Event]
) -> None:
    """Hold the registrations against what was published: each once, a patient's in the order of publishing."""
    details = await installation.details(one.id for one in published)
    lrn = {detail.submission.id: detail.submission.identity for detail in details}
    assert installation.nhis.registered().keys() == set(lrn.values())
    found = defaultdict(list)
    for one in installation.nhis.ledger()["registrations"]:
        found[one["patient"]].append(one["lrn"])
    for patient in patients:
        assert found[patient.in_ledger] == [lrn[one.id] for one in published if one.key == patient.key]
