"""Bar codes: their names, the helper service, and the picture of one."""

from __future__ import annotations

import struct
import zlib

import pytest

from sandbox.erx import code128
from sandbox.erx.barcodes import Numbers, another, prescription_id, whole
from tests.support.systems.erx.sandbox import START, ErxClient, read

UNIX = int(START.timestamp())
PRINT = "/print/barcode/code128"


@pytest.mark.parametrize(
    ("profile", "kind", "expected"),
    [
        ("2020-06", "date", "ERXI-20261126-60-123123"),
        ("2020-09", "date", "ERXE-20261126-60-123123"),
        ("2020-09", "seconds", "ERXE-20261126120000-60-123123"),
        ("2020-09", "timestamp", f"ERXE-{UNIX}-60-123123"),
    ],
)
def test_the_helper_makes_barcodes(profile, kind, expected):
    answer = ErxClient(profile).get(f"/helper/generate-{kind}-unique-barcode", "code=123123")
    assert read(answer) == {"Result": expected, "Success": True, "Errors": []}


@pytest.mark.parametrize("query", ["", "code=", "code=%20", "other=1"])
def test_the_helper_needs_a_code(query):
    (error,) = read(ErxClient().get("/helper/generate-date-unique-barcode", query))["Errors"]
    assert error["Message"] == "Атрибута code е задължителен"
    assert error["Key"] == "{missing.queryAttribute.code}"
    assert "Path" not in error


def test_the_helper_needs_a_token():
    assert ErxClient().send("GET", "/helper/generate-date-unique-barcode", "code=1").status == 401


def test_the_counter_goes_from_0_to_999_and_again():
    numbers = Numbers()
    stems = [numbers.stem(START, "N", 46) for _ in range(1001)]
    assert (stems[0], stems[999], stems[1000]) == tuple(f"ERX{UNIX}N{n}46" for n in ("000", "999", "000"))


def test_the_number_of_a_prescription_is_that_of_the_document():
    assert prescription_id("ERX1592920883N00360") == "159292088300360"


@pytest.mark.parametrize(
    ("barcode", "expected"),
    [
        ("ERX1592920883N00360A", "ERX1592920883N00360"),
        ("ERX1592920883N00360", "ERX1592920883N00360"),
        ("ERXE-20200917-124-3014-B", "ERXE-20200917-124-3014"),
        ("ERXE-20200917-124-3014A", "ERXE-20200917-124-3014A"),
    ],
)
def test_a_barcode_without_its_slip(barcode, expected):
    assert whole(barcode) == expected


def test_another_barcode_is_of_another_second():
    assert another("code=ERX1592920883N00360A&scale=3") == "code=ERX1592920884N00360A&scale=3"


def rows(png: bytes) -> list[str]:
    """Return the lines of a two-coloured PNG, "1" for black; checks every chunk."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length : place + 12 + length]) == (
            zlib.crc32(kind + data),
        )
        chunks[kind] = data
        place += 12 + length
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [1, 0, 0, 0, 0]
    data = zlib.decompress(chunks[b"IDAT"])
    stride = 1 + -(-width // 8)
    assert len(data) == stride * height
    lines = [data[at : at + stride] for at in range(0, len(data), stride)]
    assert {line[0] for line in lines} == {0}
    white = [f"{int.from_bytes(line[1:], 'big'):0{8 * (stride - 1)}b}"[:width] for line in lines]
    return [line.translate(str.maketrans("01", "10")) for line in white]


def test_the_picture_is_the_code_of_a_known_text():
    """`A` in code set B: start, 33, check 34 (104 + 33 modulo 103), stop, as the standard's tables have them."""
    start, letter, check, stop = "11010010000", "10100011000", "10001011000", "1100011101011"
    row = "0" * 10 + start + letter + check + stop + "0" * 10
    assert rows(code128.picture("A", 1)) == [row] * 50


def test_every_symbol_has_eleven_modules_an_even_number_of_black_ones_and_is_alone():
    assert len(code128._WIDTHS) == len(set(code128._WIDTHS)) == 106
    for widths in code128._WIDTHS:
        digits = [int(width) for width in widths]
        assert sum(digits) == 11
        assert sum(digits[::2]) % 2 == 0


@pytest.mark.parametrize(("scale", "factor"), [("", 3), ("&scale=1", 1), ("&scale=10", 10)])
def test_the_print_service_draws_without_a_token(scale, factor):
    answer = ErxClient().send("GET", PRINT, f"code=ERX1592920883N00360A{scale}")
    assert (answer.status, answer.content_type) == (200, "image/png")
    drawn = rows(answer.body)
    assert (len(drawn), len(drawn[0])) == (50 * factor, (20 + 11 * 22 + 13) * factor)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Атрибута code е задължителен"),
        ("code=%D0%90", "Атрибута code е с невалидна стойност"),
        (f"code={'1' * 81}", "Атрибута code е с невалидна стойност"),
        ("code=1&scale=0", "Атрибута scale е с невалидна стойност"),
        ("code=1&scale=11", "Атрибута scale е с невалидна стойност"),
        ("code=1&scale=1.5", "Атрибута scale е с невалидна стойност"),
    ],
)
def test_what_cannot_be_drawn(query, message):
    assert [error["Message"] for error in read(ErxClient().send("GET", PRINT, query))["Errors"]] == [message]
