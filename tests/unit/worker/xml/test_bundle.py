from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xmlschema
from lxml import etree

from schemas import shipped
from tests.support.systems.nhis.values import message
from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from tests.unit.worker.xml.conftest import Load
    from worker.xml.bundle import SchemaBundle

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
DS = "http://www.w3.org/2000/09/xmldsig#"


def write(directory: Path, name: str, body: str, namespace: str = "urn:test") -> None:
    (directory / name).write_text(
        f'<xs:schema {XS} xmlns:t="urn:test" xmlns:ds="{DS}" targetNamespace="{namespace}"\n'
        f' elementFormDefault="qualified">\n{body}\n</xs:schema>',
        encoding="utf-8",
    )


def problems(load: Load, directory: Path, *types: str) -> list[str]:
    with pytest.raises(ConfigurationError) as bad:
        load(directory, *types)
    return [str(problem) for problem in bad.value.problems]


def test_a_message_is_compiled_once(nhis: SchemaBundle) -> None:
    assert nhis.message("I001") is nhis.message("I001", rename={})
    assert nhis.message("I001", rename={"note": "note"}) is not nhis.message("I001")
    with pytest.raises(KeyError):
        nhis.message("X001")


def test_a_missing_folder_and_missing_files_are_all_named(load: Load, tmp_path: Path) -> None:
    assert problems(load, tmp_path / "absent", "I001", "I003") == [
        "NHIS-I001.xsd: cannot be read: no such file in the folder.",
        "NHIS-I003.xsd: cannot be read: no such file in the folder.",
    ]


def test_every_problem_has_its_file_and_line_and_is_reported_once(load: Load, tmp_path: Path) -> None:
    write(
        tmp_path,
        "shared.xsd",
        '<xs:complexType name="C"><xs:attribute name="v" type="t:Absent"/></xs:complexType>',
    )
    for type_ in ("A", "B"):
        write(
            tmp_path,
            f"NHIS-{type_}.xsd",
            '<xs:include schemaLocation="shared.xsd"/><xs:element name="message"/>',
        )
    write(
        tmp_path,
        "NHIS-D.xsd",
        '\n\n<xs:element name="message" type="t:Missing"/>\n<xs:element name="e" type="t:Gone"/>',
    )
    (tmp_path / "NHIS-E.xsd").write_text("<xs:schema")
    write(tmp_path, "NHIS-F.xsd", '<xs:element name="other"/>')

    found = problems(load, tmp_path, "A", "B", "D", "E", "F")

    assert [problem.partition(": ")[0] for problem in found] == [
        "shared.xsd, line 3",
        "NHIS-D.xsd, line 5",
        "NHIS-D.xsd, line 6",
        "NHIS-E.xsd",
        "NHIS-F.xsd",
    ]
    assert "Absent" in found[0]
    assert found[-1] == "NHIS-F.xsd: declares no element message."


SIGNED = (
    '<xs:element name="message"><xs:complexType><xs:sequence><xs:element name="a" type="xs:string"/>'
    '<xs:element ref="ds:Signature"{occurs}/></xs:sequence></xs:complexType></xs:element>'
)


@pytest.mark.parametrize(
    "location",
    [
        "xmldsig-core-schema.xsd",
        "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd",
        "https://www.w3.org/xmldsig-core-schema.xsd?v=1",
    ],
)
def test_an_import_resolves_from_the_folder_by_path_or_by_url(
    load: Load, tmp_path: Path, location: str
) -> None:
    write(tmp_path, "xmldsig-core-schema.xsd", '<xs:element name="Signature" type="xs:string"/>', DS)
    write(
        tmp_path,
        "NHIS-T.xsd",
        f'<xs:import namespace="{DS}" schemaLocation="{location}"/>{SIGNED.format(occurs="")}',
    )

    schema = load(tmp_path, "T").message("T")

    assert schema.signature_required
    assert [str(problem) for problem in schema.validate(schema.build({"a": "x"}))] == [
        "/message: an element is missing: Signature is expected"
    ]


@pytest.mark.parametrize(
    "location", ["http://www.w3.org/a/xmldsig-core-schema.xsd", "../xmldsig-core-schema.xsd"]
)
def test_an_import_that_the_folder_lacks_is_a_problem(load: Load, tmp_path: Path, location: str) -> None:
    directory = tmp_path / "bundle"
    directory.mkdir()
    write(
        tmp_path, "xmldsig-core-schema.xsd", '<xs:element name="Signature"/>', DS
    )  # outside: must not be read
    write(
        directory,
        "NHIS-T.xsd",
        f'<xs:import namespace="{DS}" schemaLocation="{location}"/>{SIGNED.format(occurs="")}',
    )

    assert problems(load, directory, "T") == [
        (
            f"NHIS-T.xsd, line 3: refers to {location}, which the folder does not have; "
            "add xmldsig-core-schema.xsd to it."
        )
    ]


def test_an_import_without_location_is_a_problem_where_something_is_missing(
    load: Load, tmp_path: Path
) -> None:
    write(tmp_path, "NHIS-T.xsd", f'<xs:import namespace="{DS}"/>{SIGNED.format(occurs="")}')

    assert all(problem.startswith("NHIS-T.xsd, line 3") for problem in problems(load, tmp_path, "T"))


def test_a_link_out_of_the_folder_is_not_followed(load: Load, tmp_path: Path) -> None:
    directory = tmp_path / "bundle"
    directory.mkdir()
    write(tmp_path, "outside.xsd", '<xs:element name="message"/>')
    (directory / "NHIS-T.xsd").symlink_to(tmp_path / "outside.xsd")

    assert problems(load, directory, "T") == ["NHIS-T.xsd: cannot be read: no such file in the folder."]


def test_a_schema_with_a_dtd_is_refused_where_it_is_included(load: Load, tmp_path: Path) -> None:
    (tmp_path / "shared.xsd").write_text(f'<!DOCTYPE x [<!ENTITY e "v">]><xs:schema {XS}/>')
    write(tmp_path, "NHIS-T.xsd", '<xs:include schemaLocation="shared.xsd"/><xs:element name="message"/>')

    assert problems(load, tmp_path, "T") == ["shared.xsd: The XML carries a DTD, which is never read."]


def test_a_bundle_mounted_as_kubernetes_mounts_it(load: Load, tmp_path: Path) -> None:
    data = tmp_path / "..2026_01_01"
    shutil.copytree(shipped("nhis"), data)
    (tmp_path / "..data").symlink_to(data.name)
    for file in data.glob("*.xsd"):
        (tmp_path / file.name).symlink_to(Path("..data") / file.name)

    schema = load(tmp_path, "I001").message("I001")

    assert schema.validate(schema.build(message("I001"))) == ()


def test_parts_in_subfolders_resolve_beside_the_file_that_names_them(load: Load, tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    write(
        tmp_path,
        "NHIS-T.xsd",
        '<xs:include schemaLocation="common/a.xsd"/><xs:element name="message" type="t:A"/>',
    )
    write(tmp_path / "common", "a.xsd", '<xs:include schemaLocation="b.xsd"/>')
    write(
        tmp_path / "common",
        "b.xsd",
        '<xs:complexType name="A"><xs:attribute name="value" type="xs:int"/></xs:complexType>',
    )

    schema = load(tmp_path, "T").message("T")

    assert schema.validate(schema.build({"@value": "1"})) == ()


@pytest.mark.parametrize(
    ("content", "required"),
    [
        (f'<xs:any namespace="{DS}" processContents="lax"/>', True),
        (f'<xs:any namespace="{DS}" processContents="lax" minOccurs="0"/>', False),
        (f'<xs:sequence minOccurs="0"><xs:any namespace="{DS}" processContents="lax"/></xs:sequence>', False),
        (
            f'<xs:choice><xs:any namespace="{DS}" processContents="lax"/><xs:element name="b"/></xs:choice>',
            False,
        ),
        ("", False),
    ],
)
def test_whether_the_schema_demands_a_signature(
    load: Load, tmp_path: Path, content: str, required: bool
) -> None:
    write(
        tmp_path,
        "NHIS-T.xsd",
        '<xs:element name="message"><xs:complexType><xs:sequence><xs:element name="a"/>'
        f"{content}</xs:sequence></xs:complexType></xs:element>",
    )

    assert load(tmp_path, "T").message("T").signature_required is required


def test_w3cs_own_signature_schema_serves_an_official_bundle(load: Load, tmp_path: Path) -> None:
    theirs = Path(xmlschema.__file__).parent / "schemas" / "DSIG" / "xmldsig-core-schema.xsd"
    text = re.sub(r"<!DOCTYPE.*?\]>", "", theirs.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / theirs.name).write_text(text, encoding="utf-8")
    location = f"http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/{theirs.name}"
    write(
        tmp_path,
        "NHIS-T.xsd",
        f'<xs:import namespace="{DS}" schemaLocation="{location}"/>{SIGNED.format(occurs="")}',
    )

    schema = load(tmp_path, "T").message("T")
    element = schema.build({"a": "x"})
    etree.SubElement(element, f"{{{DS}}}Signature")

    assert schema.signature_required
    assert [str(problem) for problem in schema.validate(element)] == [
        "/message/Signature: an element is missing: SignedInfo is expected"
    ]
