"""The PDF that is written by hand: its table leads to every object, its stream is as long as it says."""

from __future__ import annotations

import re

from sandbox.pdf import one_page


def test_offsets_and_lengths_are_right():
    pdf = one_page("Herald sandbox")
    assert pdf.startswith(b"%PDF-1.4\n")
    assert pdf.endswith(b"%%EOF\n")
    table = int(re.search(rb"startxref\n(\d+)\n", pdf)[1])
    assert pdf[table:].startswith(b"xref\n0 6\n")
    offsets = [int(found) for found in re.findall(rb"^(\d{10}) 00000 n ", pdf, re.MULTILINE)]
    assert [pdf[at:].split(b"\n")[0] for at in offsets] == [b"%d 0 obj" % number for number in range(1, 6)]
    length, stream = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", pdf).groups()
    assert int(length) == len(stream)
    assert b"(Herald sandbox) Tj" in stream
