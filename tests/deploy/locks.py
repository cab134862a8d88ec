"""What a lock file installs on this machine."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.readme import ROOT


def pinned(lock: str) -> dict[str, str]:
    """Return the pins of `requirements/<lock>.lock` that apply to this machine and this Python: version by name."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    lines = re.findall(r"^([a-z0-9].*?)(?: \\)?$", text, re.MULTILINE)
    wanted = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in wanted}
