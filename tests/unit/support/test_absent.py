from __future__ import annotations

import sys
from importlib import import_module

import pytest

from tests.support import absent


def test_an_absent_module_is_not_looked_for_again(monkeypatch):
    monkeypatch.setattr(absent, "ASKED_FOR", ("json", "invented_and_absent"))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    absent.pytest_configure()

    assert import_module("json").loads("1") == 1
    assert sys.modules["invented_and_absent"] is None
    with pytest.raises(ModuleNotFoundError):
        import_module("invented_and_absent")
