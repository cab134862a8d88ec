"""The sandbox of kz-shep, whose certificates have 1 MB: `main`."""

from __future__ import annotations

from sandbox.kz_shep import register
from sandbox.pdf import one_page
from tests.support.files.large_nhis import grown
from worker import cli

SIZE = 1024 * 1024


def large_page(text: str) -> bytes:
    """Return a page that is large."""
    return grown(one_page(text), text, SIZE)


def main() -> None:
    """Run the command line with it."""
    register.one_page = large_page
    cli.main()
