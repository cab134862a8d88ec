"""The PDF that stands for the vaccination certificate of I014."""

from __future__ import annotations

from sandbox.pdf import one_page


def certificate_pdf(number: str) -> bytes:
    """Return a PDF of one page that states the certificate's number (ASCII)."""
    return one_page(f"Herald sandbox: vaccination certificate {number}")
