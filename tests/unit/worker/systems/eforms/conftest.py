from __future__ import annotations

import pytest

from tests.support.systems.eforms.hospital import Hospital
from worker.systems.eforms.notice import RequestReader
from worker.systems.eforms.schemas import Schemas
from worker.systems.eforms.settings import Requests


@pytest.fixture(scope="session")
def eforms_schemas():
    return Schemas.load()


@pytest.fixture(scope="session")
def reader(eforms_schemas):
    return RequestReader(Requests(template_ids={77}), eforms_schemas, 900 * 1024)


@pytest.fixture
def make(eforms_schemas):
    return lambda **settings: Hospital(eforms_schemas, **settings)
