"""The rooms at the top are named in several places; all must name the same."""

import tomllib
from pathlib import Path

import pytest

from worker.observability import logs

ROOT = Path(__file__).parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
ROOMS = PYPROJECT["hatch"]["build"]["targets"]["wheel"]["packages"]


def test_the_log_filter_knows_every_room():
    """Of an exception of Herald's own the text is logged; of one from elsewhere it is not."""
    assert sorted(logs.OWN) == sorted(ROOMS)


@pytest.mark.parametrize(
    "named",
    [PYPROJECT["mypy"]["packages"], PYPROJECT["importlinter"]["root_packages"]],
    ids=["mypy", "imports"],
)
def test_types_and_imports_of_every_room_are_checked(named):
    assert sorted(named) == sorted(ROOMS)


def test_every_package_at_the_top_is_a_room():
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} == set(ROOMS)
