"""Writing a message by its plan as canonical XML: the very bytes that are signed and sent, without a tree before them.

What `builder` makes a tree of, this writes at once, and at a fifth of the cost: no element is made, copied and
canonicalised. The two agree byte for byte on the canonical form (Canonical XML 1.0, inclusive, without comments), which
the tests hold for any values. Whoever writes a message so parses and validates it before it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from worker.xml.builder import NoSuchElement, Timed
from worker.xml.plan import VALUE
from worker.xml.shapes import ShapeCompiler, escaped

if TYPE_CHECKING:
    from worker.xml.builder import Value, Values
    from worker.xml.plan import Slot
    from worker.xml.shapes import Shape


class CanonicalWriter:
    """Writes the messages of one plan.

    ``prefixes``: of namespaces, all of them declared by the root; elements of other namespaces have no place.
    """

    def __init__(self, plan: Slot, prefixes: Mapping[str, str]) -> None:
        self.root = ShapeCompiler(prefixes).shape(plan)
        """What is written of the root and all that may be in it."""
        self._declared = "".join(
            f' xmlns:{prefix}="{escaped(uri)}"'
            for uri, prefix in sorted(prefixes.items(), key=lambda one: one[1])
        )

    def write(self, values: Values, qualified: Mapping[str, str]) -> bytes:
        """Return the document with these values. ``qualified``: the root's attributes of a namespace, in their order.

        Order, namespace and the place of a leaf's value come from the plan, as `build_element` takes them. Raises
        NoSuchElement, and UnicodeEncodeError for half a surrogate pair; other characters that XML cannot carry are
        written, and no parser takes them.
        """
        attributes, inside = _content(self.root, values, (self.root.name,))
        return self.around(inside, qualified, attributes)

    def around(self, inside: str, qualified: Mapping[str, str], attributes: str = "") -> bytes:
        """Return the document whose root has these attributes and holds this, both as canonical XML."""
        tag = self.root.tag
        others = "".join([f' {name}="{escaped(value)}"' for name, value in qualified.items()])
        return f"<{tag}{self._declared}{attributes}{others}>{inside}</{tag}>".encode()


def _content(shape: Shape, values: Values, path: tuple[str, ...]) -> tuple[str, str]:
    """Return what stands in the start tag of an element, and between its tags."""
    length, places, leaves = shape.order_for(values)
    # One pass over what is given, which is far less than what the schema has places for. Most of it is text for a leaf:
    # that is written here as `_leaf` does it, without a call for each.
    parts = [""] * length
    others = {}
    for name, value in values.items():
        if type(value) is str and name in leaves:
            number, leaf = leaves[name]
            text = value.translate(leaf.escapes) if leaf.special(value) else value
            parts[number] = f"{leaf.begin}{text}{leaf.end}"
        elif name in places:
            for number, child in places[name]:
                parts[number] = _element(child, value, path)
        else:
            others[name] = value
    return _attributes(shape, others, path) if others else "", "".join(parts)


def _attributes(shape: Shape, values: Values, path: tuple[str, ...]) -> str:
    """Write what is no child. Raises NoSuchElement where it is no attribute either."""
    given = sorted(name for name, value in values.items() if value is not None)
    if unplaced := [name for name in given if name[:1] != "@"]:
        raise NoSuchElement("/".join((*path, unplaced[0])))
    return "".join([_attribute(shape, name, values[name], path) for name in given])


def _element(shape: Shape, value: Value, path: tuple[str, ...]) -> str:
    if isinstance(value, str):
        return _leaf(shape, value, path)
    if isinstance(value, Timed):
        return _leaf(shape, value.text(shape.kind), path)
    if type(value) is dict or isinstance(value, Mapping):  # an abstract class is dear to ask
        attributes, inside = _content(shape, value, (*path, shape.name))
        return f"<{shape.tag}{attributes}>{inside}</{shape.tag}>"
    if isinstance(value, Sequence):
        return "".join(_element(shape, item, path) for item in value)
    if value is None:
        return ""
    raise TypeError(f"{'/'.join((*path, shape.name))} is given a {type(value).__name__}, not text.")


def _leaf(shape: Shape, text: str, path: tuple[str, ...]) -> str:
    if not shape.is_leaf:
        raise NoSuchElement("/".join((*path, shape.name, f"@{VALUE}")))
    written = text.translate(shape.escapes) if shape.special(text) else text
    return f"{shape.begin}{written}{shape.end}"


def _attribute(shape: Shape, name: str, value: Value, path: tuple[str, ...]) -> str:
    attribute = name[1:]
    if attribute not in shape.attributes:
        raise NoSuchElement("/".join((*path, name)))
    if isinstance(value, Timed):
        value = value.text(shape.times.get(attribute))
    if not isinstance(value, str):
        raise TypeError(f"{'/'.join((*path, name))} is given a {type(value).__name__}, not text.")
    return f' {attribute}="{escaped(value)}"'
