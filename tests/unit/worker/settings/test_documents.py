"""What operators read stays true."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from worker.settings.document import leaves
from worker.settings.load import load
from worker.settings.model import Settings
from worker.settings.reference import page, rows
from worker.settings.systems import SystemsSettings

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLE = DOCS / "herald.example.yaml"


def test_the_page_of_all_settings_is_up_to_date():
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == page(), "run `make contracts`"


def test_every_setting_of_the_example_is_on_the_page():
    known = {row.path for row in rows(Settings)}
    names = ("dr-petrova", "dr-ivanov", "nhis.immunization.search")

    for location, _ in leaves(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))):
        path = ".".join("<name>" if part in names else str(part) for part in location)
        path = (
            path.replace("limits.systems.nhis", "limits.systems.<name>")
            .replace(".0.", "[].")
            .removesuffix(".0")
            .removesuffix(".1")
        )
        assert path in known


def test_the_example_can_be_used_as_it_is():
    for location, value in leaves(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))):
        if str(location[-1]).endswith("file"):
            Path(value).parent.mkdir(exist_ok=True)
            Path(value).write_text("postgresql://db.invalid/herald")

    settings = load(EXAMPLE, {})

    assert settings.systems.nhis is not None
    assert set(settings.systems.nhis.senders) == set(settings.signers) == {"dr-petrova", "dr-ivanov"}


def test_what_the_example_has_as_comments_can_be_used_too(tmp_path):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    # The prose among them begins with a capital letter, or with the name of what it explains.
    whole = "\n".join(re.sub(r"^  # (?=( {2,}\S|[a-z_]+:$))", "  ", line) for line in lines)
    document = yaml.safe_load(whole)
    assert set(document["systems"]) == set(SystemsSettings.model_fields)
    for location, value in leaves(document):
        if str(location[-1]).endswith("file") or "pinned_certificates" in location:
            Path(value).parent.mkdir(exist_ok=True)
            Path(value).write_text("postgresql://db.invalid/herald")
    path = tmp_path / "whole.yaml"
    path.write_text(whole, encoding="utf-8")

    assert load(path, {}).systems.configured() == SystemsSettings.known()


def test_every_setting_says_what_it_means():
    assert [row.path for row in rows(Settings) if not row.meaning] == []
