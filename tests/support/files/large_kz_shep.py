"""`python -m tests.support.files.large_kz_shep sandbox kz-shep …`: the sandbox, whose certificates have 1 MB."""

from __future__ import annotations

from sandbox.kz_shep import register
from sandbox.pdf import one_page
from tests.support.files.large_nhis import grown
from worker.cli import main

SIZE = 1024 * 1024


def large_page(text: str) -> bytes:
    """Return a page that is large."""
    return grown(one_page(text), text, SIZE)


if __name__ == "__main__":
    register.one_page = large_page
    main()
