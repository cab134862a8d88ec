"""Barcodes, by the document's own examples."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from herald.worker.systems.erx.barcodes import STRIPS, StatedBarcode, offline, read_stated

DAY = date(2020, 6, 27)


def test_the_documents_offline_barcode():
    assert offline("ERXI", DAY, "60", "1000007543") == ("ERXI-20200627-60-1000007543",)


def test_the_newer_texts_barcodes():
    assert offline("ERXE", DAY, "60", "1100102") == ("ERXE-20200627-60-1100102",)
    assert offline("ERXE", DAY, "145", "1000", STRIPS) == (
        "ERXE-20200627-145-1000-A",
        "ERXE-20200627-145-1000-B",
        "ERXE-20200627-145-1000-C",
    )


@pytest.mark.parametrize(
    ("barcode", "read"),
    [
        # With a Cyrillic А, as the document writes it; its own words on it (counter 002, user 46) are of another one.
        (
            "ERX1592863105N00246А",
            StatedBarcode(datetime(2020, 6, 22, 21, 58, 25, tzinfo=UTC), "N", 2, "46", strip=True),
        ),
        (
            "ERX1592920883N00360A",
            StatedBarcode(datetime(2020, 6, 23, 14, 1, 23, tzinfo=UTC), "N", 3, "60", strip=True),
        ),
        (
            "ERX1592920883W9991",
            StatedBarcode(datetime(2020, 6, 23, 14, 1, 23, tzinfo=UTC), "W", 999, "1", strip=False),
        ),
        ("ERX1592920883X00360", None),
        ("ERX1592920883N003", None),
        ("ERX159292088N00360", None),
        ("ERX1592920883N00360B", None),
        ("ERXI-20200627-60-1000007543", None),
        ("ERX1592920883N00360A\n", None),
        ("", None),
    ],
)
def test_the_registers_own_barcodes(barcode, read):
    assert read_stated(barcode) == read
