"""`herald nomenclatures show` beside a journal."""

from __future__ import annotations

import pytest

from tests.support.postgres.journal import AT
from worker.admin.code_lists import show_code_list
from worker.admin.errors import ActFailed
from worker.journal.code_lists import replace
from worker.systems.port import CodeList


async def test_a_list_is_named_in_any_case_of_letters(connection, settings):
    units = CodeList("CL035", "units", AT, {"1": {"description": "ml"}})
    await replace(connection, "nhis", units)
    assert await show_code_list(settings, "CL035") == units
    assert await show_code_list(settings, "cl035") == units
    with pytest.raises(ActFailed, match="No list CL036 is cached"):
        await show_code_list(settings, "cl036")
