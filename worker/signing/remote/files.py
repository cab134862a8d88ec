"""Whether the files that a signer names are there: told when it is loaded, not at its first signature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.signing.remote.settings import RemoteSigner


def require_files(settings: RemoteSigner) -> None:
    """Raise ConfigurationError with a sentence for each file that is missing."""
    if missing := [f"there is no {name} {path}" for name, path in _named(settings) if not path.is_file()]:
        raise ConfigurationError(*missing)


def _named(settings: BaseModel, within: str = "") -> Iterator[tuple[str, Path]]:
    """Yield the settings that name a file, and the files."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path):
            yield f"{within}{name}", value
        elif isinstance(value, BaseModel):
            yield from _named(value, f"{within}{name}.")
