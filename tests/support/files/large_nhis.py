"""The sandbox of NHIS, whose certificates have 3 MB: `main`."""

from __future__ import annotations

import hashlib

from sandbox.nhis import operations
from sandbox.nhis.certificate import certificate_pdf
from worker import cli

SIZE = 3 * 1024 * 1024


def large_pdf(number: str) -> bytes:
    """Return a certificate of `SIZE` bytes, the same one for a number."""
    return grown(certificate_pdf(number), number, SIZE)


def grown(small: bytes, seed: str, size: int) -> bytes:
    """Return a small PDF with a comment that makes it one of so many bytes."""
    noise = hashlib.shake_128(seed.encode()).digest(size - len(small) - 2)
    return small.replace(
        b"%PDF-1.4\n", b"%PDF-1.4\n%" + noise.replace(b"\n", b"n").replace(b"\r", b"r") + b"\n", 1
    )


def main() -> None:
    """Run the command line with it."""
    operations.certificate_pdf = large_pdf
    cli.main()
