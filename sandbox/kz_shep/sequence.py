"""The check of an `xs:sequence` of unqualified elements: which, in what order, how often, with what text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.kz_shep.errors import FORMAT, Refused
from sandbox.kz_shep.names import XSI

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.kz_shep.soap import Element


def _any_text(_text: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a sequence: with text, with a sequence of its own, or (``anything``) not looked into."""

    name: str
    fields: tuple[Field, ...] = ()
    minimum: int = 1
    maximum: int = 1
    allowed: Callable[[str], bool] = _any_text
    anything: bool = False


def check(element: Element, fields: Sequence[Field], path: str) -> None:
    """Check the element's children against the sequence. Raises Refused (SCE001) with the place."""
    children = _children(element, path)
    for field in fields:
        taken = 0
        while children and children[0].tag == field.name and taken < field.maximum:
            _check_field(children.pop(0), field, f"{path}/{field.name}")
            taken += 1
        if taken < field.minimum:
            raise Refused(FORMAT, f"{path}/{field.name}: элемента нет, или он не на своем месте.")
    if children:
        raise Refused(FORMAT, f"{path}: лишний или квалифицированный элемент {children[0].tag}.")


def text_of(element: Element, path: str) -> str | None:
    """Return the text at the path below the element, or None where there is no such element."""
    found = element.find(path)
    return None if found is None else _text(found)


def _check_field(element: Element, field: Field, path: str) -> None:
    if field.anything:
        return
    if any(etree.QName(name).namespace != XSI for name in map(str, element.attrib)):
        raise Refused(FORMAT, f"{path}: лишний атрибут.")
    if field.fields:
        check(element, field.fields, path)
        return
    if next(element.iterchildren(etree.Element), None) is not None:
        raise Refused(FORMAT, f"{path}: допускается только текст.")
    if not field.allowed(_text(element)):
        raise Refused(FORMAT, f"{path}: недопустимое значение.")


def _children(element: Element, path: str) -> list[Element]:
    texts = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in texts):
        raise Refused(FORMAT, f"{path}: текст не допускается.")
    return list(element.iterchildren(etree.Element))


def _text(element: Element) -> str:
    return str(element.xpath("string()"))  # itertext() would give comments too
