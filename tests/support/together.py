"""Files that share something dear run one after the other in one process of pytest-xdist, which starts it once.

With `--dist loadfile` each process starts its own of what a session has; the demo that the pages are followed beside
takes a minute, and 15 s of CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

BESIDE_THE_DEMO = frozenset(
    f"tests/docs/test_{name}.py" for name in ("journal_page", "keep", "operators_pages", "readme")
)
"""Files with tests that take the fixture `reader`."""


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Give out whole files, as `--dist loadfile` does, and those of one group to the same process."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # there where the hook is called

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return "beside the demo" if file in BESIDE_THE_DEMO else file

    return Together(config, log)
