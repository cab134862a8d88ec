"""Unblock a signer: let it try its secret again after a token or provider refused it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin import audit_log
from worker.admin.connection import connected
from worker.admin.errors import UnknownSigner

if TYPE_CHECKING:
    from worker.settings.model import Settings

EVERY_SYSTEM = "all"
"""What the audit log names as the system: a signer serves all of them."""

_FORGET = "delete from refused_secrets where $1 = any(signers) returning refused_at is not null as refused"


async def unblock_signer(settings: Settings, signer: str, *, who: str, reason: str | None) -> int:
    """Forget that this signer's secrets were refused or are in doubt, and return how many that were.

    The signer may then try its secret once more. Raises UnknownSigner, and ActFailed.
    """
    if signer not in settings.signers:
        raise UnknownSigner(
            f"it is not configured; there are {', '.join(sorted(settings.signers)) or 'none'}."
        )
    async with connected(settings.journal, "signers") as connection, connection.transaction():
        forgotten = len(await connection.fetch(_FORGET, signer))
        if forgotten:
            details = {"signer": signer, "forgotten": forgotten}
            await audit_log.record_intake(
                connection, EVERY_SYSTEM, who=who, act="unblock-signer", reason=reason, details=details
            )
    return forgotten
