"""What a search shows is read by the table in one walk, as row by row, whatever it shows and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from worker.systems.nhis import fields
from worker.systems.nhis.entries import entry
from worker.systems.nhis.fields import Field, Kind
from worker.xml.node import Node

ELEMENTS = sorted({name for row in fields.RESULT for name in row.element.replace("@", "/").split("/")})
TEXTS = st.sampled_from(["", " ", "1", "2", "true", "0.5", "12345678901", "x", " y "])


def row_by_row(node, rows):
    """Read a table by looking for each row's path."""
    read = {}
    for row in rows:
        if row.rows:
            values = [row_by_row(one, row.rows) for one in node.at(row.element)]
        else:
            values = [value(row, text) for text in node.values(row.element)]
        if values:
            put(read, row.name, values if row.many or row.rows else values[0])
    return read


def put(read, path, what):
    *parents, name = path.split(".")
    for parent in parents:
        read = read.setdefault(parent, {})
    read[name] = what


def value(row: Field, text: str):
    if row.kind is Kind.FLAG:
        return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
    if row.kind is Kind.COUNT and text.isdigit() and len(text) < 10:
        return int(text)
    if row.kind is Kind.NUMBER and text in {"1", "2", "0.5"}:
        return float(text)
    return next((word for word, code in row.codes.items() if code == text), text)


def element(name, inner):
    made = etree.Element(f"{{urn:x}}{name}")
    text, nhif, children = inner
    made.set("value", text)
    made.set("nhifCode", nhif)
    made.extend(children)
    return made


NODES = st.recursive(
    st.builds(element, st.sampled_from(ELEMENTS), st.tuples(TEXTS, TEXTS, st.just(()))),
    lambda inner: st.builds(
        element,
        st.sampled_from(
            ["immunization", "subject", "performer", "name", "accompanying", "qualification", "reaction"]
        ),
        st.tuples(TEXTS, TEXTS, st.lists(inner, max_size=8)),
    ),
    max_leaves=40,
)
NAMES = st.sampled_from(
    [{}, {"lrn": "number"}, {"subject/name": "nameOf", "accompanying": "with"}, {"pmi": "uin"}]
)


@given(NODES, NAMES)
def test_any_elements(node, names):
    root = element("results", ("", "", [node]))
    for ours, theirs in names.items():
        for one in list(root.iter(f"{{*}}{ours.rpartition('/')[2]}")):
            one.tag = f"{{urn:y}}{theirs}"
    shown = Node(root, names)
    expected = row_by_row(shown, fields.RESULT)
    reactions = [row_by_row(one, fields.FOUND_REACTION) for one in shown.descendants("reaction")]
    assert entry(shown) == (expected | {"reactions": reactions} if reactions else expected)


@pytest.mark.parametrize(
    ("names", "number"),
    [({}, "lrn"), ({"lrn": "number"}, "number"), ({"immunization/lrn": "number"}, "number")],
)
def test_an_operators_names(names, number):
    text = f'<results><immunization><{number} value="L1"/><lotNumber value="A"/></immunization><!-- c --></results>'
    read = entry(Node(etree.fromstring(text), names))
    assert read == {"immunization": {"lrn": "L1", "lotNumber": "A"}}


def test_of_one_value_given_twice_the_first_counts():
    text = '<results><immunization><lrn value=""/><lrn value="1"/><lrn value="2"/></immunization></results>'
    assert entry(Node(etree.fromstring(text))) == {"immunization": {"lrn": "1"}}
