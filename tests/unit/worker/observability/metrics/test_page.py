"""`docs/metrics.md` is made from the registry."""

from pathlib import Path

from worker.observability.metrics.page import page

DOCS = Path(__file__).parents[5] / "docs"


def test_the_page_is_the_one_that_the_registry_makes():
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == page(), "run `make contracts`"
