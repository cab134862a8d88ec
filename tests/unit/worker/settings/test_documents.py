"""What operators read stays true."""

from __future__ import annotations

from pathlib import Path

import yaml

from herald.worker.settings.document import leaves
from herald.worker.settings.load import load
from herald.worker.settings.model import Settings
from herald.worker.settings.reference import page, rows

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
            Path(value).touch()

    settings = load(EXAMPLE, {})

    assert settings.systems.nhis is not None
    assert set(settings.systems.nhis.senders) == set(settings.signers) == {"dr-petrova", "dr-ivanov"}


def test_every_setting_says_what_it_means():
    assert [row.path for row in rows(Settings) if not row.meaning] == []
