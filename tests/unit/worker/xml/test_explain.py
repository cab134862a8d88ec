from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from worker.xml.explain import value_class

if TYPE_CHECKING:
    from tests.unit.worker.xml.conftest import Compile


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("", "0 characters"),
        ("7", "1 character: digits"),
        ("8621011000", "10 characters: digits"),
        ("Ab Ж-9", "6 characters: Cyrillic letters, Latin letters, digits, signs, spaces"),
        ("\n", "1 character: spaces"),
    ],
)
def test_a_value_is_described_and_not_reported(text: str, described: str) -> None:
    assert value_class(text) == described


@pytest.mark.parametrize(
    ("restriction", "value", "rule"),
    [
        (
            'base="xs:string"><xs:enumeration value="a"/><xs:enumeration value="b"/>',
            "c",
            "one of the 2 values",
        ),
        ('base="xs:string"><xs:pattern value="[a-z]"/>', "7", "match the pattern [a-z]"),
        ('base="xs:decimal"><xs:fractionDigits value="1"/>', "1.25", "fractionDigits must be 1"),
        ('base="xs:int"><xs:maxInclusive value="5"/>', "7", "maxInclusive must be 5"),
    ],
)
@pytest.mark.parametrize("place", ["text", "attribute"])
def test_the_rules_of_text_and_of_attributes(
    compile_schema: Compile, restriction: str, value: str, rule: str, place: str
) -> None:
    kind = f"<xs:simpleType><xs:restriction {restriction}</xs:restriction></xs:simpleType>"
    content = (
        f'<xs:element name="a">{kind}</xs:element>'
        if place == "text"
        else f'<xs:element name="a"><xs:complexType><xs:attribute name="value">{kind}</xs:attribute>'
        "</xs:complexType></xs:element>"
    )
    schema = compile_schema(
        f'<xs:element name="message"><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>'
    )

    (problem,) = schema.validate(schema.build({"a": value}))

    assert problem.path == ("/message/a" if place == "text" else "/message/a/@value")
    assert rule in problem.rule
    assert problem.value == value_class(value)
