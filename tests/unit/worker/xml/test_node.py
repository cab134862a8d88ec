"""An answer's elements are found by their local names, whatever prefixes and namespaces a system uses."""

from __future__ import annotations

import pytest
from lxml import etree

from worker.xml.node import Node, UnexpectedContent

DOCUMENT = etree.fromstring(
    """
    <a:message xmlns:a="urn:a" xmlns:b="urn:b" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <b:person xsi:type="a:Person"><name value=" Ivan "/><name value=""/><a:name value="Petrov"/></b:person>
      <code> A <!-- b --> C </code>
      <holder><code>inner</code></holder>
    </a:message>
    """
)


def test_elements_are_found_by_their_local_names():
    node = Node(DOCUMENT)
    assert node.name == "message"
    assert [one.name for one in node.children()] == ["person", "code", "holder"]
    assert len(list(node.children("code"))) == 1
    assert node.child("absent") is None
    assert [one.name for one in node.descendants()] == [
        "person", "name", "name", "name", "code", "holder", "code",
    ]  # fmt: skip
    assert len(list(node.descendants("code"))) == 2


def test_values_are_attributes_at_a_path_without_empty_ones():
    node = Node(DOCUMENT)
    assert node.values("person/name") == ["Ivan", "Petrov"]
    assert node.value("person/name") == "Ivan"
    assert node.value("person/name@code") is None


@pytest.mark.parametrize(
    "names", [{}, {"patient": "person", "patient/given": "name"}], ids=["as they are", "renamed"]
)
def test_first_values_are_those_that_are_found_one_by_one(names):
    root = Node(DOCUMENT, names)
    person = root.child("patient" if names else "person")
    assert person is not None
    asked = ("given", "name", "absent", "code")
    assert person.first_values(*asked) == [person.value(name) for name in asked]
    assert "Ivan" in person.first_values(*asked)
    assert root.first_values("code", "holder") == [None, None], "elements with text have no value"


def test_a_text_is_that_of_the_only_element_at_a_path():
    node = Node(DOCUMENT)
    assert node.text("code") == "A  C"
    assert node.text("holder", "code") == "inner"
    assert node.text("holder") is None
    assert node.only("person", "name") is None


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("", None),
        (" \n ", None),
        (" a &amp; b ", "a & b"),
        ("a<![CDATA[ <b> ]]>c", "a <b> c"),
        ("a<!-- x -->b<?p q?>c", "abc"),
        ("<!-- x -->", None),
        ("a<b/>", None),
        ("a<!-- x --><b/>", None),
    ],
)
def test_the_text_is_all_of_an_element_that_holds_no_elements(inside, text):
    root = Node(etree.fromstring(f"<m><code>{inside}</code></m>"))
    assert root.text("code") == text
    code = root.child("code")
    assert code is not None
    assert code.text() == text


def test_the_only_element_at_a_path_has_our_name():
    node = Node(DOCUMENT, {"inside": "holder", "inside/mark": "code"})
    found = node.only("inside", "mark")
    assert found is not None
    assert (found.name, found.text()) == ("mark", "inner")
    assert node.only() is not None
    assert node.only("absent", "mark") is None


def test_an_operators_names_are_found_by_ours():
    node = Node(DOCUMENT, {"patient": "person", "patient/given": "name", "mark": "code"})
    patient = node.child("patient")
    assert patient is not None
    assert patient.name == "patient"
    assert node.values("patient/given") == ["Ivan", "Petrov"]
    assert len(list(node.descendants("mark"))) == 2


def test_what_an_element_may_hold():
    person = Node(DOCUMENT).child("person")
    assert person is not None
    person.must_be("Person", "name")
    with pytest.raises(UnexpectedContent):
        person.must_be("Animal", "name")
    with pytest.raises(UnexpectedContent):
        person.must_be("Person", "given")
