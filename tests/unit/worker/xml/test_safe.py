from __future__ import annotations

import threading
import time
import traceback

import pytest

from worker.xml import safe
from worker.xml.safe import NotXml, RefusedXml, UnsafeXml, parse

MAX = 100_000
SECRET = "9921010005"

BILLION_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&l9;</a>"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(BILLION_LAUGHS.encode(), "DTD", id="billion laughs"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DTD", id="external entity"
        ),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://e.org/p"> %p;]><a/>', "DTD", id="parameter entity"
        ),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://e.org/a.dtd"><a/>', "DTD", id="external subset"),
        pytest.param(b"<!DOCTYPE a><a/>", "DTD", id="DOCTYPE without anything"),
        pytest.param(
            b'<?xml version="1.1"?>\n<!-- <a> --><?p q?> <!DOCTYPE a><a/>', "DTD", id="DOCTYPE after a prolog"
        ),
        pytest.param(b"\xef\xbb\xbf<!DOCTYPE a><a/>", "DTD", id="DOCTYPE after a byte order mark"),
        pytest.param(b"<a>" * 33 + b"</a>" * 33, "deeper than 32", id="one level too deep"),
        pytest.param(b"<a>" * 32 + b"<a/>" + b"</a>" * 32, "deeper than 32", id="an empty element too deep"),
        pytest.param(
            b"<a>" * 32 + b"<a\n/>" + b"</a\n>" * 32,
            "deeper than 32",
            id="an empty element too deep, in lines",
        ),
        pytest.param(b"<a>" * 5000 + b"</a>" * 5000, "too deeply", id="deeper than libxml2 reads"),
        pytest.param(b"<a>" + b" " * MAX + b"</a>", "at most 100000", id="too large"),
    ],
)
def test_unsafe_input_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnsafeXml, match=reason):
        parse(data, max_bytes=MAX)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n", "empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="a byte order mark alone"),
        pytest.param(f"<a><b>{SECRET}</b>".encode(), "well-formed", id="truncated"),
        pytest.param(f"<a><{SECRET}/></a>".encode(), "well-formed", id="bad name"),
        pytest.param(f"<a>&{SECRET};&x{SECRET};</a>".encode(), "well-formed", id="undeclared entity"),
        pytest.param(f"<a/>{SECRET}".encode(), "well-formed", id="text after the root"),
        pytest.param(b"<a/><a/>", "well-formed", id="two roots"),
        pytest.param(b"<a>\x00</a>", "well-formed", id="NUL"),
        pytest.param(b'<?xml version="1.1"?><a>&#1;</a>', "well-formed", id="what only XML 1.1 allows"),
        pytest.param(b'<?xml version="2.0"?><a/>', "well-formed", id="XML 2.0"),
        pytest.param(f"{{'id': '{SECRET}'}}".encode(), "well-formed", id="JSON"),
        pytest.param("<a>ж</a>".encode("cp1251"), "UTF-8 at byte 3", id="undeclared windows-1251"),
        pytest.param(b'<?xml version="1.0" encoding="windows-1251"?><a/>', "another encoding", id="declared"),
        pytest.param(
            b"<?xml version='1.0' encoding='UTF-16'?><a/>", "another encoding", id="declared UTF-16"
        ),
        pytest.param("<a/>".encode("utf-16"), "UTF-16", id="UTF-16 with mark"),
        pytest.param("<a/>".encode("utf-16-le"), "UTF-16", id="UTF-16 without mark"),
        pytest.param("<a/>".encode("utf-32"), "UTF-16 or UTF-32", id="UTF-32"),
        pytest.param(b"<!doctype html><html><br></html>", "HTML", id="HTML"),
        pytest.param(b"\n<html><body>401</body></html>", "HTML", id="HTML without doctype"),
        pytest.param(b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html/>', "HTML", id="XHTML"),
    ],
)
def test_what_is_not_xml_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotXml, match=reason) as refused:
        parse(data, max_bytes=MAX)

    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("<a v='ж'/>".encode(), id="without declaration"),
        pytest.param('<?xml version="1.1"?><a v="ж"/>'.encode(), id="XML 1.1"),
        pytest.param(
            '<?xml version="1.1" encoding="utf-8" standalone="yes"?>\n<a v="ж"/>'.encode(), id="1.1, utf-8"
        ),
        pytest.param('\ufeff<?xml version="1.0" encoding="UTF-8"?><a v="ж"/>'.encode(), id="byte order mark"),
        pytest.param('<!-- <!DOCTYPE a> --><a v="ж"/>'.encode(), id="a DOCTYPE in a comment is none"),
        pytest.param('<?p ?><a v="ж"><![CDATA[<!DOCTYPE a>]]></a>'.encode(), id="a DOCTYPE in CDATA is none"),
        pytest.param('  \n<a v="ж"/>'.encode(), id="leading space"),
    ],
)
def test_utf8_is_read(data: bytes) -> None:
    root = parse(data, max_bytes=MAX)

    assert (root.tag, root.get("v")) == ("a", "ж")
    assert root.getroottree().docinfo.xml_version == "1.0"


def test_the_greatest_depth_and_size_are_read() -> None:
    data = b"<a>" * 32 + b"</a>" * 32

    assert parse(data, max_bytes=len(data)) is not None
    with pytest.raises(UnsafeXml):
        parse(data, max_bytes=len(data) - 1)


def test_the_greatest_depth_may_end_in_an_empty_element() -> None:
    data = b"<a>" * 31 + b"<a/>" + b"</a>" * 31

    assert parse(data, max_bytes=len(data)) is not None


def test_as_many_parts_as_are_allowed_are_read() -> None:
    data = b'<a b="" c=""><d/></a>'

    assert parse(data, max_bytes=MAX, max_parts=5) is not None
    with pytest.raises(UnsafeXml, match="more than 4 tags"):
        parse(data, max_bytes=MAX, max_parts=4)


@pytest.mark.parametrize("part", [b"<??>", b"<!---->", b" ", b"<?", b"<!--"])
def test_a_long_prolog_takes_no_long_time(part: bytes) -> None:
    data = part * (2_000_000 // len(part))
    started = time.process_time()

    with pytest.raises(RefusedXml):
        parse(data, max_bytes=len(data))

    assert time.process_time() - started < 2


@pytest.mark.parametrize("unit", [b"<a/>", b'<a b=""/>', b"<a>1</a>", b"<!---->", b"<?a?>"])
def test_a_document_of_a_million_elements_is_not_read(unit):
    """8 MB of them took 350 MB and 2 seconds."""
    with pytest.raises(UnsafeXml, match="400000 tags"):
        parse(b"<r>" + unit * 1_000_000 + b"</r>", max_bytes=2**26)
    assert parse(b"<r>" + unit * 100_000 + b"</r>", max_bytes=2**26).tag == "r"


def test_an_element_of_a_million_attributes_is_not_read():
    attributes = b" ".join(b'a%d=""' % number for number in range(500_000))
    with pytest.raises(UnsafeXml, match="400000 tags"):
        parse(b"<r " + attributes + b"/>", max_bytes=2**26)


@pytest.mark.parametrize(
    "refused", [f"<a>{SECRET}".encode(), b"<a>" * 5000, b"<a>&x;</a>", b"<a xmlns:p='urn:p'><p:b/>", b"\x01"]
)
@pytest.mark.parametrize("long_texts", [False, True])
def test_nothing_of_a_refused_document_is_in_the_next_one(refused: bytes, long_texts: bool) -> None:
    with pytest.raises(RefusedXml):
        parse(refused, max_bytes=MAX, long_texts=long_texts)
    root = parse(b'<b c="d">e</b>', max_bytes=MAX, long_texts=long_texts)
    assert (root.tag, dict(root.attrib), root.nsmap, root.text) == ("b", {"c": "d"}, {}, "e")
    with pytest.raises(NotXml, match="well-formed"):
        parse(b"<a><p:b/></a>", max_bytes=MAX, long_texts=long_texts)


def test_a_thread_does_not_wait_for_the_document_of_another() -> None:
    """The event loop reads short answers while a thread reads a long one, which holds its parser all the time."""
    parsers = []
    threads = [threading.Thread(target=lambda: parsers.append(safe._parsers.usual)) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    assert len({id(one) for one in (*parsers, safe._parsers.usual)}) == 3


LONG = b"<a>" + b"A" * 11_000_000 + b"</a>"


def test_a_text_of_more_than_ten_megabytes_is_read_only_where_asked_for() -> None:
    with pytest.raises(UnsafeXml, match="too long"):
        parse(LONG, max_bytes=len(LONG))
    assert len(parse(LONG, max_bytes=len(LONG), long_texts=True).text or "") == 11_000_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(BILLION_LAUGHS.encode(), "DTD", id="billion laughs"),
        pytest.param(b"<a>" * 33 + b"</a>" * 33, "deeper than 32", id="one level too deep"),
        pytest.param(b"<a>" * 5000 + b"</a>" * 5000, "too deeply", id="deeper than libxml2 reads"),
        pytest.param(LONG, "at most 100000", id="too large"),
        pytest.param(b"<a>" + b"<b/>" * 11 + b"</a>", "more than 10 tags", id="too many parts"),
    ],
)
def test_with_long_texts_the_other_bounds_hold(data: bytes, reason: str) -> None:
    with pytest.raises(UnsafeXml, match=reason):
        parse(data, max_bytes=MAX, max_parts=10 if b"<b/>" in data else MAX, long_texts=True)
