"""The docstrings of models' fields, read from their sources when a schema or a page is written.

Pydantic's own `use_attribute_docstrings` reads them when a class is made, which costs each start of a process 0.2 s
of CPU, and a process that serves shows them to nobody.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class DescribedModel(BaseModel):
    """A model whose fields' docstrings are their descriptions in its JSON Schema."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in descriptions(cls).items():
            if (part := properties.get(cls.model_fields[name].alias or name)) is not None:
                part["description"] = text
        return schema


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return what each described field means: its `description`, else the docstring below its annotation."""
    found = (
        (name, field.description or _docstring(model, name)) for name, field in model.model_fields.items()
    )
    return {name: text for name, text in found if text}


def _docstring(model: type[BaseModel], field: str) -> str | None:
    # The class that annotates a field last describes it, as the field is that class's.
    owner = next(one for one in model.__mro__ if field in inspect.get_annotations(one))
    return _docstrings(owner.__module__).get((owner.__qualname__, field))


@cache
def _docstrings(module: str) -> Mapping[tuple[str, str], str]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {(name, field): text for name, node in _classes(tree, "") for field, text in _described(node)}


def _classes(node: ast.Module | ast.ClassDef, inside: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for inner in node.body:
        if isinstance(inner, ast.ClassDef):
            yield f"{inside}{inner.name}", inner
            yield from _classes(inner, f"{inside}{inner.name}.")


def _described(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for before, after in pairwise(node.body):
        match before, after:
            case (
                ast.AnnAssign(target=ast.Name(id=field)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield field, inspect.cleandoc(text)
