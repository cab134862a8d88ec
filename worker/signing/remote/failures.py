"""A failure's sentence with the name of its signer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def of_signer(name: str) -> AsyncIterator[None]:
    """Put the signer's name before the sentence of a failure within the block."""
    try:
        yield
    except SigningFailed as failed:
        raise failed.saying(f'signer "{name}": {failed}') from None
