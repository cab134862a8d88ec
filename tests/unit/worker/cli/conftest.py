"""A terminal of a given width."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Print on a terminal of this width, and return what is seen there."""

    def seen(width: int, show: Callable[..., None], *given, **options) -> str:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        show(*given, **options)
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)

    return seen
