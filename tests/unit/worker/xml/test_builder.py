from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from lxml import etree

from tests.support.canonical_form import canonical_form
from worker.configuration_error import ConfigurationError
from worker.xml.builder import NoSuchElement, Timed
from worker.xml.plan import TimeKind

if TYPE_CHECKING:
    from tests.unit.worker.xml.conftest import Compile
    from worker.xml.message import MessageSchema

LEAF = (
    '<xs:complexType name="Leaf"><xs:attribute name="value" type="xs:string" use="required"/>'
    '<xs:attribute name="unit" type="xs:string"/></xs:complexType>'
)


def root(content: str, extra: str = "") -> str:
    return f'<xs:element name="message"><xs:complexType>{content}</xs:complexType></xs:element>{LEAF}{extra}'


def leaf(name: str, attributes: str = "") -> str:
    return f'<xs:element name="{name}" type="t:Leaf"{attributes}/>'


def shape(element: etree._Element) -> list[Any]:
    """Return names, attributes and text, nested."""
    found: list[Any] = [etree.QName(element).localname]
    found += [dict(element.attrib)] if element.attrib else []
    found += [element.text] if element.text else []
    return found + [shape(child) for child in element]


def built(schema: MessageSchema, values: dict[str, Any]) -> list[Any]:
    """Build, demand that the result is valid, and that it is written the same; return what stands in the root."""
    element = schema.build(values)
    assert schema.validate(element) == ()
    located = schema.build(values, schema_location="urn:where")
    assert schema.write(values, schema_location="urn:where") == canonical_form(located)
    return shape(element)[1:]


def test_order_and_namespace_come_from_the_schema(compile_schema: Compile) -> None:
    schema = compile_schema(root(f"<xs:sequence>{leaf('b')}{leaf('a')}</xs:sequence>"))

    assert built(schema, {"a": "1", "b": "2"}) == [["b", {"value": "2"}], ["a", {"value": "1"}]]
    assert etree.tostring(schema.build({"a": "1", "b": "2"})) == (
        b'<nhis:message xmlns:nhis="urn:test"><nhis:b value="2"/><nhis:a value="1"/></nhis:message>'
    )


def test_a_schema_location_is_written_where_it_is_asked_for(compile_schema: Compile) -> None:
    schema = compile_schema(root(f"<xs:sequence>{leaf('a')}</xs:sequence>"))

    element = schema.build({"a": "1"}, schema_location="urn:where")

    assert element.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation") == "urn:test urn:where"
    assert element.nsmap["xsi"] == "http://www.w3.org/2001/XMLSchema-instance"
    assert schema.validate(element) == ()


def test_none_is_left_out_and_a_list_repeats(compile_schema: Compile) -> None:
    first, second = leaf("a", ' minOccurs="0"'), leaf("b", ' minOccurs="0" maxOccurs="9"')
    schema = compile_schema(root(f"<xs:sequence>{first}{second}</xs:sequence>"))

    assert built(schema, {"a": None, "b": ["1", None, "2"]}) == [["b", {"value": "1"}], ["b", {"value": "2"}]]
    assert built(schema, {"a": "", "b": ()}) == [["a", {"value": ""}]]
    assert built(schema, {}) == []


def test_a_leaf_without_the_attribute_value_takes_text(compile_schema: Compile) -> None:
    schema = compile_schema(
        root(
            '<xs:sequence><xs:element name="a" type="xs:string"/>'
            '<xs:element name="b"><xs:complexType><xs:simpleContent>'
            '<xs:extension base="xs:int"><xs:attribute name="unit"/></xs:extension></xs:simpleContent></xs:complexType>'
            "</xs:element></xs:sequence>"
        )
    )

    assert built(schema, {"b": "1", "a": "x<&"}) == [["a", "x<&"], ["b", "1"]]


def test_names_with_an_at_sign_are_attributes(compile_schema: Compile) -> None:
    schema = compile_schema(root(f"<xs:sequence>{leaf('a')}</xs:sequence>"))

    assert built(schema, {"a": {"@value": "1", "@unit": "mL"}}) == [["a", {"value": "1", "unit": "mL"}]]


def test_groups_extensions_and_nested_models_are_followed(compile_schema: Compile) -> None:
    schema = compile_schema(
        root(
            '<xs:complexContent><xs:extension base="t:Base"><xs:sequence><xs:group ref="t:G"/>'
            f'<xs:sequence minOccurs="0"><xs:choice>{leaf("d")}{leaf("e")}</xs:choice></xs:sequence></xs:sequence>'
            "</xs:extension></xs:complexContent>",
            f'<xs:complexType name="Base"><xs:sequence>{leaf("a")}</xs:sequence></xs:complexType>'
            f'<xs:group name="G"><xs:sequence>{leaf("c")}{leaf("b")}</xs:sequence></xs:group>',
        )
    )

    names = [child[0] for child in built(schema, {"e": "1", "b": "1", "c": "1", "a": "1"})]
    assert names == ["a", "c", "b", "e"]


def test_xs_all_takes_any_order(compile_schema: Compile) -> None:
    schema = compile_schema(root(f"<xs:all>{leaf('a')}{leaf('b')}</xs:all>"))

    assert len(built(schema, {"b": "1", "a": "1"})) == 2


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"type": "1", "id": "1"}, ["type", "id"]),
        ({"nrn": "1", "type": "1"}, ["nrn", "type"]),
        ({"id": "1", "year": "1", "type": "1"}, ["id", "type", "year"]),
    ],
)
def test_branches_that_place_an_element_differently_are_distinguished_by_what_is_given(
    compile_schema: Compile, values: dict[str, str], names: list[str]
) -> None:
    optional = ' minOccurs="0"'
    schema = compile_schema(
        root(
            f"<xs:choice><xs:sequence>{leaf('type')}{leaf('id')}</xs:sequence>"
            f"<xs:sequence>{leaf('nrn')}{leaf('type', optional)}</xs:sequence></xs:choice>"
        )
        if "year" not in values
        else root(
            f"<xs:choice><xs:sequence>{leaf('type')}{leaf('id')}</xs:sequence>"
            f"<xs:sequence>{leaf('id')}{leaf('type')}{leaf('year')}</xs:sequence></xs:choice>"
        )
    )

    assert [child[0] for child in built(schema, values)] == names


def test_a_type_may_contain_itself(compile_schema: Compile) -> None:
    schema = compile_schema(
        root(
            '<xs:sequence><xs:element name="node" type="t:Node"/></xs:sequence>',
            f'<xs:complexType name="Node"><xs:sequence>{leaf("a")}<xs:element name="node" type="t:Node" minOccurs="0"/>'
            "</xs:sequence></xs:complexType>",
        )
    )

    inner: list[Any] = ["node", ["a", {"value": "2"}]]
    assert built(schema, {"node": {"node": {"a": "2"}, "a": "1"}}) == [["node", ["a", {"value": "1"}], inner]]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"x": "1"}, "message/x"),
        ({"part": {"a": "1", "x": "1"}}, "message/part/x"),
        ({"part": [{"a": "1"}, {"x": {}}]}, "message/part/x"),
        ({"part": {"a": {"x": "1"}}}, "message/part/a/x"),
        ({"part": {"a": {"@x": "1"}}}, "message/part/a/@x"),
        ({"part": "1"}, "message/part/@value"),
        ({"@x": "1"}, "message/@x"),
        ({"any": {"x": "1"}}, "message/any/x"),
    ],
)
def test_a_value_without_a_place_is_named_by_its_path(
    compile_schema: Compile, values: dict[str, Any], path: str
) -> None:
    schema = compile_schema(
        root(
            f'<xs:sequence><xs:element name="part" maxOccurs="9"><xs:complexType><xs:sequence>{leaf("a")}</xs:sequence>'
            '</xs:complexType></xs:element><xs:element name="any"><xs:complexType><xs:sequence>'
            '<xs:any processContents="skip"/></xs:sequence></xs:complexType></xs:element></xs:sequence>'
        )
    )

    for make in (schema.build, partial(schema.write, schema_location="urn:where")):
        with pytest.raises(NoSuchElement) as missing:
            make(values)
        assert missing.value.path == path


@pytest.mark.parametrize("values", [{"a": 9921010005}, {"a": {"@value": 9921010005}}, {"a": [True]}])
def test_only_text_is_a_value(compile_schema: Compile, values: dict[str, Any]) -> None:
    schema = compile_schema(root(f"<xs:sequence>{leaf('a')}</xs:sequence>"))

    for make in (schema.build, partial(schema.write, schema_location="urn:where")):
        with pytest.raises(TypeError, match=r"^message/a\S* is given a \w+, not text\.$"):
            make(values)


TWO_PARTS = root(
    '<xs:sequence><xs:element name="p" type="t:P"/><xs:element name="q" type="t:P"/></xs:sequence>',
    f'<xs:complexType name="P"><xs:sequence>{leaf("theirs")}</xs:sequence></xs:complexType>',
)


def test_a_renaming_holds_everywhere_or_below_one_parent(compile_schema: Compile) -> None:
    everywhere = compile_schema(TWO_PARTS, ours="theirs", part="p")
    below = compile_schema(TWO_PARTS, **{"part/ours": "theirs", "part": "p"})

    expected = [["p", ["theirs", {"value": "1"}]], ["q", ["theirs", {"value": "2"}]]]
    assert built(everywhere, {"part": {"ours": "1"}, "q": {"ours": "2"}}) == expected
    assert built(below, {"part": {"ours": "1"}, "q": {"theirs": "2"}}) == expected
    with pytest.raises(NoSuchElement):
        everywhere.build({"part": {"theirs": "1"}})


def test_the_renaming_below_a_parent_wins(compile_schema: Compile) -> None:
    schema = compile_schema(TWO_PARTS, **{"ours": "theirs", "q/mine": "theirs"})

    assert built(schema, {"p": {"ours": "1"}, "q": {"mine": "2"}})


def test_a_renaming_to_nothing_is_a_problem_of_the_bundle(compile_schema: Compile) -> None:
    with pytest.raises(ConfigurationError) as bad:
        compile_schema(TWO_PARTS, **{"ours": "theirs", "a": "b", "p/c": "d"})

    assert [str(problem) for problem in bad.value.problems] == [
        "NHIS-T.xsd: has no element b, to which a is renamed.",
        "NHIS-T.xsd: has no element d, to which p/c is renamed.",
    ]


class Day(Timed):
    """A day with a text for each type."""

    texts: ClassVar[dict[TimeKind | None, str]] = {
        TimeKind.DATE: "2026-03-01",
        TimeKind.DATE_TIME: "2026-03-01T00:00:00+02:00",
        None: "1 March",
    }

    def text(self, kind: TimeKind | None) -> str:
        return self.texts[kind]


DAY = Day()
BOTH = '<xs:simpleType name="Both"><xs:union memberTypes="xs:int {}"/></xs:simpleType>'
STRICT = '<xs:simpleType name="Strict"><xs:restriction base="xs:dateTime"/></xs:simpleType>'


@pytest.mark.parametrize(
    ("type_", "extra", "expected"),
    [
        ("xs:date", "", DAY.texts[TimeKind.DATE]),
        ("xs:dateTime", "", DAY.texts[TimeKind.DATE_TIME]),
        ("t:Strict", STRICT, DAY.texts[TimeKind.DATE_TIME]),
        ("xs:string", "", DAY.texts[None]),
        ("xs:anySimpleType", "", DAY.texts[None]),
        ("xs:NMTOKENS", "", DAY.texts[None]),
        ("t:Both", BOTH.format("xs:date"), DAY.texts[TimeKind.DATE]),
        ("t:Both", BOTH.format("t:Strict") + STRICT, DAY.texts[TimeKind.DATE_TIME]),
    ],
)
def test_a_day_is_written_as_the_schema_declares_it(
    compile_schema: Compile, type_: str, extra: str, expected: str
) -> None:
    attribute = f'<xs:attribute name="value" type="{type_}"/><xs:attribute name="until" type="{type_}"/>'
    text = f'<xs:simpleContent><xs:extension base="{type_}"/></xs:simpleContent>'
    schema = compile_schema(
        root(
            f'<xs:sequence><xs:element name="a"><xs:complexType>{attribute}</xs:complexType></xs:element>'
            f'<xs:element name="b" type="{type_}"/><xs:element name="c"><xs:complexType>{text}</xs:complexType>'
            "</xs:element></xs:sequence>",
            extra,
        )
    )

    values = {"a": {"@value": DAY, "@until": DAY}, "b": DAY, "c": [DAY]}
    element = schema.build(values)

    found = [["a", {"value": expected, "until": expected}], ["b", expected], ["c", expected]]
    assert shape(element)[1:] == found
    assert schema.write(values, schema_location="urn:where") == canonical_form(
        schema.build(values, schema_location="urn:where")
    )
