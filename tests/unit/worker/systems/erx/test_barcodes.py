"""Barcodes, by the document's own examples."""

from __future__ import annotations

from datetime import date

from worker.systems.erx.barcodes import offline

DAY = date(2020, 6, 27)


def test_the_documents_offline_barcode():
    assert offline("ERXI", DAY, "60", "1000007543") == ("ERXI-20200627-60-1000007543",)


def test_the_newer_texts_barcodes():
    assert offline("ERXE", DAY, "60", "1100102") == ("ERXE-20200627-60-1100102",)
    assert offline("ERXE", DAY, "145", "1000", "ABC") == (
        "ERXE-20200627-145-1000-A",
        "ERXE-20200627-145-1000-B",
        "ERXE-20200627-145-1000-C",
    )
