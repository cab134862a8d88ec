import pytest

from worker.transport.answer_headers import MOST_HEADER_BYTES, answer_headers
from worker.transport.failures import BrokenAnswer

CASES = {
    "none": ((), {}),
    "names in lower case": (((b"Content-Type", b"Text/XML"),), {"content-type": "Text/XML"}),
    "one that comes twice": (((b"A", b"1"), (b"b", b""), (b"a", b"2")), {"a": "1, 2", "b": ""}),
    "utf-8": (((b"Server", "сървър".encode()),), {"server": "сървър"}),
    "other bytes": (((b"Server", b"\xf1\xfa"), (b"Date", "а".encode())), {"server": "ñú", "date": "а"}),
    "as many bytes as are allowed": (
        ((b"a", b"b" * (MOST_HEADER_BYTES - 1)),),
        {"a": "b" * (MOST_HEADER_BYTES - 1)},
    ),
}
BROKEN = {
    "too many bytes": ((b"a", b"b" * MOST_HEADER_BYTES),),
    "too many bytes together": ((b"a", b"b" * (MOST_HEADER_BYTES - 2)), (b"c", b"d")),
    "a space before the colon": ((b"Content-Length ", b"5"),),
    "a tab before the colon": ((b"Transfer-Encoding\t", b"chunked"),),
}


@pytest.mark.parametrize(("raw", "read"), CASES.values(), ids=CASES)
def test_read(raw, read):
    assert answer_headers(raw) == read


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_broken(raw):
    with pytest.raises(BrokenAnswer):
        answer_headers(raw)
