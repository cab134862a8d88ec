"""yamllint: no key stands twice, no value is read as another type than it looks, one form for all files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.rendering import run
from tests.support.readme import ROOT

TOOL = "yamllint"
CONFIG = str(Path(__file__).parent / "yamllint.yaml")
# Templates are no YAML before Helm renders them; what they render to is checked by the others.
FILES = [
    path
    for folder in (ROOT / "deploy", ROOT / "tests" / "deploy")
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])
    if not {"templates", "crds"} & set(path.relative_to(ROOT).parts)
]


def test_the_files_of_the_project():
    done = run("yamllint", "--strict", "--config-file", CONFIG, *map(str, FILES))
    assert (done.returncode, done.stdout) == (0, "")
    assert len(FILES) > 10


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "a: yes\n", "a:\n- 1\nb:\n    - 2\n", "a: {b: 1,}\nc:\t1\n"]
)
def test_what_is_spoilt_is_found(text):
    done = run("yamllint", "--strict", "--config-file", CONFIG, "-", given=text)
    assert done.returncode != 0
