"""In which order the tests are given out to the processes of pytest-xdist, and which of them to the same one.

Whole files, as `--dist loadfile` gives them out. Files that share something dear run one after the other in one
process, which starts it once: the demo that the pages are followed beside takes a minute, and 15 s of CPU. The longest
come first; without this, the files with the fewest tests come last, which are the longest. One process runs the unit
tests: these compute, while the others mostly wait for servers, so that no core is idle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.alone import UNIT

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling
    from xdist.workermanage import WorkerController

DEMO = "beside the demo"
BESIDE_THE_DEMO = frozenset(
    f"tests/docs/test_{name}.py" for name in ("journal_page", "keep", "operators_pages", "readme")
)
"""Files with tests that take the fixture `reader`."""

LONGEST = (
    "tests/integration/chaos/test_run.py",
    "tests/integration/worker/test_looking.py",
    DEMO,
    *(
        f"tests/integration/{name}.py"
        for name in (
            "systems/regix/test_killed",
            "systems/eforms/test_end_to_end",
            "demo/test_demo",
            "chaos/test_mutations",
            "worker/test_rights",
        )
    ),
    "tests/docs/test_dead_letters_page.py",
    *(
        f"tests/integration/{name}.py"
        for name in (
            "worker/test_rights_of_others",
            "systems/edelivery/test_killed",
            "worker/test_outages",
            "worker/test_dead_letters",
            "worker/test_transactions",
            "systems/epayment/test_status_calls",
        )
    ),
)
"""What takes the better part of a minute or more, the longest first. Order matters only among these."""


def given_out_with(nodeid: str) -> str:
    """Return what a test is given out with: its file, or the files that share the demo."""
    file = nodeid.split("::", 1)[0]
    return DEMO if file in BESIDE_THE_DEMO else file


def turn(nodeid: str) -> int:
    """Return when a test has its turn, the earliest first; those of one turn stay in the order of their files."""
    unit = given_out_with(nodeid)
    if unit in LONGEST:
        return LONGEST.index(unit)
    return len(LONGEST) + unit.startswith(UNIT)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests in each process of a run of several; the order of a run of one is what people expect."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Give the files out in the order of the tests, and those that share something to the same process."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # there where the hook is called

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return given_out_with(nodeid)

        def _assign_work_unit(self, node: WorkerController) -> None:
            given = self.assigned_work[node]
            for done in [unit for unit, tests in given.items() if all(tests.values())]:
                del given[done]  # xdist counts the tests of all that a process was given, after each test
            computes = len(self.nodes) > 1 and node is self.nodes[-1]
            first = next((unit for unit in self.workqueue if unit.startswith(UNIT) == computes), None)
            if first is not None:
                self.workqueue.move_to_end(first, last=False)
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False  # it would give the files with the most tests out first
    return Together(config, log)
