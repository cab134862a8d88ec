"""Schemas that ship, compiled before a process forks: each worker of the tests compiled the same for half a second.

Those of an operator are compiled by each process, as always. That a process of its own compiles what it needs is shown
by the tests which start one: of the README, of `herald demo` and of the start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from schemas import shipped, ships
from worker.systems.eforms import schemas as eforms
from worker.systems.nhif.catalogue import schemas as nhif
from worker.systems.nhis.build import PATTERN
from worker.systems.regix import arguments, messages
from worker.systems.regix.catalogue import FOLDER
from worker.xml import bundle
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import BundleProblem, SchemaFolder

NHIS = ("I001", "I003", "I005", "I007")
"""Requests of nearly every test that has a worker of NHIS: register, search, report a reaction, cancel."""


def before_fork() -> None:
    """Let the processes that this one forks find the commonest schemas compiled, and compile each other one once."""
    for module in (bundle, messages, arguments, eforms, nhif):
        assert vars(module)["compile_schema"] in (compile_schema, _compile)
        vars(module)["compile_schema"] = _compile
    for type_ in NHIS:
        _shipped(shipped("nhis"), shipped("nhis") / PATTERN.format(type=type_), "message")
    _shipped(FOLDER, FOLDER / "Service.xsd", messages.EXECUTE)
    for root in (eforms.REQUEST, eforms.RESPONSE):
        _shipped(shipped("eforms"), shipped("eforms") / f"{root}.xsd", root)


def _compile(folder: SchemaFolder, entry: Path, root: str) -> CompiledSchema | tuple[BundleProblem, ...]:
    if ships(folder.directory):
        return _shipped(folder.directory, entry, root)
    return compile_schema(folder, entry, root)


@cache
def _shipped(directory: Path, entry: Path, root: str) -> CompiledSchema | tuple[BundleProblem, ...]:
    return compile_schema(SchemaFolder(directory), entry, root)
