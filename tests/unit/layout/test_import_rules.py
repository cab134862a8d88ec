"""The import rules refuse what nobody has thought of: seen on a copy of the rooms with what is not allowed in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("worker", "contracts", "schemas", "sandbox", "demo")
ADDED = {
    "worker/newroom/__init__.py": "",
    "worker/systems/newsystem/__init__.py": "import worker.systems.nhis.settings",
    "worker/systems/nhif/newfile.py": "from worker.systems.nhis import settings",
    "worker/systems/base_of_all.py": "",
    "worker/transport/newfile.py": "from worker.signing import port",
    "worker/pipeline/newfile.py": "import signxml",
    "worker/journal/newfile.py": "import aiokafka",
    "worker/kafka/newfile.py": "from worker.systems.registry import build_system",
    "worker/admin/newfile.py": "from worker.kafka import consumer",
    "worker/cli/newfile.py": "from worker.systems.erx import settings\nimport demo",
    "worker/observability/newfile.py": "from worker.xml import safe",
    "sandbox/newfile.py": "from contracts import registry",
}
REFUSED = (
    "- worker.newroom\n",
    "- worker.systems.newsystem\n",
    "- worker.systems.base_of_all\n",
    "worker.systems.nhif.newfile -> worker.systems.nhis.settings",
    "worker.transport.newfile -> worker.signing.port",
    "worker.pipeline.newfile -> signxml",
    "worker.journal.newfile -> aiokafka",
    "worker.kafka.newfile -> worker.systems.registry",
    "worker.admin.newfile -> worker.kafka.consumer",
    "worker.cli.newfile -> worker.systems.erx.settings",
    "worker.cli.newfile -> demo ",
    "worker.observability.newfile -> worker.xml.safe",
    "sandbox.newfile -> contracts.registry",
)


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the linter says of a copy of the rooms with these files added."""
    tree = tmp_path_factory.mktemp("tree")
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__", "published", "*.xsd")
        )
    shutil.copy(ROOT / "pyproject.toml", tree)
    for name, content in ADDED.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(f"{content}\n")
    linter = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", linter, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("refused", REFUSED)
def test_it_is_refused(refused, said):
    assert refused in said
