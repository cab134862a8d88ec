"""What each worker of a test makes again of the same bytes, made once: it was a third of the CPU of these tests.

Workers that run in the test's own process share the opened keys (each is checked by OpenSSL for 35 ms) and the
compiled schemas that ship with Herald (50 ms each). Both are immutable, and have tests of their own, which do not use
this. Workers that run as processes share nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from worker.signing.keys import pkcs12
from worker.xml import bundle
from worker.xml.folder import SchemaFolder

SHIPPED = Path(__file__).resolve().parents[3] / "schemas"
_opened = cache(pkcs12._parsed)
_compile = bundle.compile_schema


@cache
def _shipped(directory: Path, entry: Path, root: str) -> Any:
    return _compile(SchemaFolder(directory), entry, root)


def _compiled(folder: SchemaFolder, entry: Path, root: str) -> Any:
    # An operator's folder may change under its path.
    if not folder.directory.is_relative_to(SHIPPED):
        return _compile(folder, entry, root)
    return _shipped(folder.directory, entry, root)


@pytest.fixture(scope="module", autouse=True)
def _made_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pkcs12, "_parsed", _opened)
        patch.setattr(bundle, "compile_schema", _compiled)
        yield
