from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from schemas import shipped
from tests.support.systems.nhis.values import CONTENTS
from worker.xml.bundle import SchemaBundle

if TYPE_CHECKING:
    from worker.xml.message import MessageSchema


class Load(Protocol):
    def __call__(self, directory: Path, *types: str) -> SchemaBundle: ...


class Compile(Protocol):
    def __call__(self, body: str, **rename: str) -> MessageSchema: ...


@pytest.fixture(scope="session")
def load() -> Load:
    def load(directory: Path, *types: str) -> SchemaBundle:
        return SchemaBundle.load(
            directory, pattern="NHIS-{type}.xsd", prefix="nhis", root="message", types=types
        )

    return load


@pytest.fixture(scope="session")
def nhis(load: Load) -> SchemaBundle:
    return load(shipped("nhis"), *CONTENTS)


@pytest.fixture
def compile_schema(load: Load, tmp_path: Path) -> Compile:
    """Compile a schema of one file, whose target namespace is urn:test."""

    def compile_(body: str, **rename: str) -> MessageSchema:
        (tmp_path / "NHIS-T.xsd").write_text(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:test" '
            f'targetNamespace="urn:test" elementFormDefault="qualified">{body}</xs:schema>',
            encoding="utf-8",
        )
        return load(tmp_path, "T").message("T", rename=rename)

    return compile_
