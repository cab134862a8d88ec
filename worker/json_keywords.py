"""JSON Schema's keywords in bounded time: patterns and equal items in linear time, and every step counted.

jsonschema's own patterns are exponential, its search for equal items is quadratic, and a schema that branches at
each level costs as many steps as there are ways through it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from worker.linear_pattern import LinearPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

Keyword: TypeAlias = "Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]"
_WIDE = 8
"""Members or items that are looked through in the time of one step."""
_LONG = 256
"""Characters that are looked through in the time of one step."""


class TooManySteps(Exception):
    """The check has used up its steps."""


class Steps:
    """The steps that one check may still take; a step is one keyword applied to one value, some ten microseconds."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._sizes: dict[int, int] = {}

    def take(self, number: int) -> None:
        """Count steps. Raises TooManySteps."""
        self._left -= number
        if self._left < 0:
            raise TooManySteps

    def size(self, value: object) -> int:
        """Return the steps of looking through a whole value once; the document must outlive this object."""
        if isinstance(value, str):
            return 1 + len(value) // _LONG
        if not isinstance(value, dict | list):
            return 1
        if (known := self._sizes.get(id(value))) is None:
            inside = value.values() if isinstance(value, dict) else value
            known = self._sizes[id(value)] = 1 + sum(map(self.size, inside))
        return known


_steps: ContextVar[Steps] = ContextVar("steps of the check of a document")


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Bound what the keywords may do meanwhile; in it they raise TooManySteps."""
    token = _steps.set(Steps(steps))
    try:
        yield
    finally:
        _steps.reset(token)


def bounded(kind: Any) -> Any:
    """Return a class of validators like this one, with keywords that are linear and count their steps."""
    keywords = {**kind.VALIDATORS, **{name: own for name, own in _LINEAR.items() if name in kind.VALIDATORS}}
    made = extend(kind, {name: _counted(name, keyword) for name, keyword in keywords.items()})
    made.evolve = _evolve(made)
    return made


def _evolve(made: Any) -> Callable[..., Any]:
    """Return a method that stays in the class: the library's own leaves it for what "$ref": "#" leads to, a $schema."""
    fields = [(one.name, one.alias) for one in made.__attrs_attrs__ if one.init]

    def evolve(self: Any, **changes: Any) -> Any:
        return made(
            **{alias: getattr(self, name) for name, alias in fields if alias not in changes}, **changes
        )

    return evolve


def _counted(name: str, keyword: Keyword) -> Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        steps = _steps.get()
        steps.take(1 + _width(value) + _width(instance) + (_REFERENCE if name in _REFERENCES else 0))
        if name in _LOOK_THROUGH or (name, value) == ("format", "regex"):
            steps.take(steps.size(instance))
        for error in keyword(validator, value, instance, schema) or ():
            if error.validator is _UNSET:  # made by this keyword, with a text that quotes the whole value
                steps.take(steps.size(instance))
            yield error

    return counted


def _width(value: object) -> int:
    if isinstance(value, dict | list):
        return len(value) // _WIDE
    return len(value) // _LONG if isinstance(value, str) else 0


_LOOK_THROUGH = frozenset({"uniqueItems", "const", "enum"})
_REFERENCE = 4
"""Further steps of following a reference."""
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_UNSET = ValidationError("").validator


@lru_cache(maxsize=1000)
def _linear(pattern: str) -> LinearPattern:
    return LinearPattern(pattern)


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _linear(pattern).occurs_in(instance):
        yield ValidationError("the text does not match")


def _pattern_properties(
    validator: Any, named: dict[str, Any], instance: object, _: object
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, schema in named.items():
        for name, value in instance.items():
            if _matches(pattern, name):
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, wanted: Any, instance: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in named or any(_matches(pattern, name) for pattern in patterns):
            continue
        if wanted is False:
            yield ValidationError("a name is not allowed")
            return
        yield from validator.descend(value, wanted, path=name)


def _any_of(validator: Any, schemas: list[Any], instance: object, _: object) -> Iterator[ValidationError]:
    if not any(_fits(validator, one, instance) for one in schemas):
        yield ValidationError("no alternative fits")


def _one_of(validator: Any, schemas: list[Any], instance: object, _: object) -> Iterator[ValidationError]:
    fitting = (one for one in schemas if _fits(validator, one, instance))
    if len(list(islice(fitting, 2))) != 1:
        yield ValidationError("no alternative fits, or several")


def _fits(validator: Any, schema: Any, instance: object) -> bool:
    """Stop at the first breach: the library's own keywords keep the breaches of all branches, up to a gigabyte."""
    return next(validator.descend(instance, schema), None) is None


def _matches(pattern: str, name: str) -> bool:
    _steps.get().take(1 + len(name) // _LONG)
    return _linear(pattern).occurs_in(name)


def _unique_items(_: object, wanted: object, instance: object, __: object) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list) and len({_frozen(one) for one in instance}) < len(instance):
        yield ValidationError("an item is there twice")


def _frozen(value: object) -> Hashable:
    """Return what is equal for equal JSON values only: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return ("object", frozenset((name, _frozen(one)) for name, one in value.items()))
    if isinstance(value, list):
        return ("array", tuple(map(_frozen, value)))
    return (isinstance(value, bool), value)


_LINEAR: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "anyOf": _any_of,
    "oneOf": _one_of,
}
