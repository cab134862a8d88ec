"""docs/systems/kz-shep.md names every rule, and every code that the settings give a meaning."""

from __future__ import annotations

from contracts.kz_shep.rules import Rule


def test_every_rule_is_explained(root):
    page = (root / "docs" / "systems" / "kz-shep.md").read_text(encoding="utf-8")
    for rule in Rule:
        assert f"| `{rule}` |" in page, rule
