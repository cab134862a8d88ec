"""A rule that a system's settings switch off is not applied to its events, and is to those of the others."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from worker.composition.reader import make_reader
from worker.pipeline.authorisation import Authorisations
from worker.pipeline.ports import Record
from worker.pipeline.reading import InvalidRecord
from worker.submission import Submission

HEADERS = {
    "content-type": "application/json",
    "ce_specversion": "1.0",
    "ce_id": "1",
    "ce_source": "/hospitals/test/his",
    "ce_signer": "mis",
    "ce_type": "kz-shep.medical-exemption.search.v1",
}
WRONG_IIN = Record(
    "t",
    0,
    0,
    0,
    b"p-1",
    b'{"iin": "720315200007"}',
    tuple((name, text.encode()) for name, text in HEADERS.items()),
)


@pytest.mark.parametrize(
    ("more", "kind"),
    [({}, InvalidRecord), ({"waived_rules": frozenset({"iin-check-digit"})}, Submission)],
)
def test_the_systems_own_settings_decide(more, kind):
    system = SimpleNamespace(name="kz-shep", time_zone="Asia/Almaty", knows_signer=lambda _: True, **more)
    settings = SimpleNamespace(
        kafka=SimpleNamespace(max_event_bytes=100_000), authorisations_of=lambda _: Authorisations()
    )
    clock = SimpleNamespace(now=lambda: datetime(2025, 3, 14, tzinfo=UTC))
    assert isinstance(make_reader(settings, system, clock).read(WRONG_IIN), kind)
