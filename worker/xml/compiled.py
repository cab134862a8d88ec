"""One schema, compiled twice: lxml validates on the hot path, xmlschema has the model and explains a failure.

xmlschema is imported with the first schema: with its XPath it was a seventh of a worker's start, and a schema that
ships is compiled only when the first message needs it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from lxml import etree

from contracts.immutable import immutable
from schemas import ships
from worker.xml.folder import BundleProblem, SchemaFolder
from worker.xml.schema_problem import SchemaProblem, local_path

if TYPE_CHECKING:
    from pathlib import Path

    from xmlschema import XMLSchema10, XsdElement


@immutable
class CompiledSchema:
    """``validator`` decides whether a message is valid; ``model`` says what it may hold, and why it is not."""

    model: XMLSchema10
    validator: etree.XMLSchema
    root: XsdElement
    """The xmlschema declaration of the root element."""

    def problems(self, element: etree._Element) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with a message: nothing, at the cost of lxml alone, for a valid one."""
        if self.validator.validate(element):
            return ()
        from worker.xml.explain import explain  # noqa: PLC0415 - see above

        # lxml and xmlschema agree but in rare cases; where only lxml objects, its rule's name is all there is to say.
        return explain(self.model, element) or tuple(
            SchemaProblem(local_path(entry.path), entry.type_name)
            for entry in self.validator.error_log  # type: ignore[attr-defined]  # the stubs lack iteration
        )


def compile_schema(
    folder: SchemaFolder, entry: Path, root: str
) -> CompiledSchema | tuple[BundleProblem, ...]:
    """Compile the schema in this file, which `folder` serves, for messages whose root has this local name.

    Returns the problems instead where there are any. Nothing outside the folder is read: lxml is served from
    what the folder has read and checked, xmlschema is confined to the folder and refuses DTDs itself. What ships
    with Herald is compiled by both too, but xmlschema reports no problem of it: see `_compile_model`.
    """
    if problems := folder.check(entry):
        return problems
    validator = _compile_validator(folder, entry)
    if not isinstance(validator, etree.XMLSchema):
        return validator
    model, problems = _compile_model(folder, entry)
    if problems:
        return problems
    declaration = model.elements.get(root)
    if declaration is None:
        return (BundleProblem(folder.name(entry), None, f"declares no element {root}."),)
    return CompiledSchema(model, validator, declaration)


class _FolderResolver(etree.Resolver):
    """Serves libxml2 the checked files of the folder; anything else it asks for is refused."""

    def __init__(self, folder: SchemaFolder) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override]  # the stubs lack the context
        del public_id
        found = self._folder.find(system_url)
        if found is None:
            raise OSError("not in the folder")
        return self.resolve_string(self._folder.source(found), context, base_url=str(found))


def _compile_validator(folder: SchemaFolder, entry: Path) -> etree.XMLSchema | tuple[BundleProblem, ...]:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    parser.resolvers.add(_FolderResolver(folder))
    try:
        return etree.XMLSchema(etree.fromstring(folder.source(entry), parser, base_url=str(entry)))
    except etree.XMLSchemaParseError as error:
        # A schema holds no health data: what libxml2 says of it may be quoted.
        entries = [line for line in error.error_log if line.level >= etree.ErrorLevels.ERROR]
        named = [(folder.find(line.filename), line) for line in entries]
        found = [
            BundleProblem(folder.name(path or entry), line.line or None, line.message.strip())
            for path, line in named
        ]
        return tuple(found) or (BundleProblem(folder.name(entry), None, str(error)),)


def _compile_model(folder: SchemaFolder, entry: Path) -> tuple[XMLSchema10, tuple[BundleProblem, ...]]:
    import xmlschema  # noqa: PLC0415 - see above

    def inside(url: str) -> str:
        found = folder.find(url)
        return url if found is None else found.as_uri()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = xmlschema.XMLSchema10(
                str(entry),
                # xmlschema checks each file against the schema of schemas: two thirds of the time, which nothing
                # that ships needs in each process. tests/unit/schemas does that for every file.
                validation="skip" if ships(folder.directory) else "lax",
                base_url=str(folder.directory),
                defuse="always",
                allow="sandbox",
                uri_mapper=inside,
                use_fallback=False,
            )
        except xmlschema.XMLSchemaException as error:
            return None, (BundleProblem(folder.name(entry), None, str(error)),)
    said = [error.message for error in model.all_errors] + _of_schema(caught)
    return model, tuple(BundleProblem(folder.name(entry), None, message) for message in said)


def _of_schema(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return what xmlschema warns of, and pass on what others said meanwhile: a worker compiles while it serves."""
    from xmlschema.exceptions import XMLSchemaWarning  # noqa: PLC0415 - see above

    said = []
    for one in caught:
        if issubclass(one.category, XMLSchemaWarning):
            said.append(str(one.message))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno, source=one.source)
    return said
