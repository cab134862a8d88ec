"""Compiling while a worker serves: what others warn of meanwhile is no fault of the schema, and is not lost."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder

MESSAGE = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="m" type="xs:string"/></xs:schema>'
LOST_PART = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="urn:lost"/>'
    '<xs:element name="m" xmlns:l="urn:lost" type="l:T"/></xs:schema>'
)


class WarningFolder(SchemaFolder):
    """A folder in whose reading something else of the process warns, as a collected socket does."""

    def find(self, location: str, base: Path | None = None) -> Path | None:
        warnings.warn("unclosed socket", ResourceWarning, stacklevel=2)
        return super().find(location, base)


def test_a_warning_of_something_else_is_passed_on(tmp_path):
    (tmp_path / "m.xsd").write_text(MESSAGE, encoding="utf-8")
    with pytest.warns(ResourceWarning, match="unclosed socket"):
        compiled = compile_schema(WarningFolder(tmp_path), tmp_path / "m.xsd", "m")
    assert isinstance(compiled, CompiledSchema)


def test_what_is_wrong_with_the_schema_is_reported_all_the_same(tmp_path):
    (tmp_path / "m.xsd").write_text(LOST_PART, encoding="utf-8")
    found = compile_schema(SchemaFolder(tmp_path), tmp_path / "m.xsd", "m")
    assert isinstance(found, tuple)
    assert found


def test_a_worker_is_loaded_without_xmlschema():
    told = "import sys, worker.app; sys.exit(str(sorted({'xmlschema', 'elementpath'} & sys.modules.keys())))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
