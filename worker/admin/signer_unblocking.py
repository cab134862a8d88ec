"""Let a signer whose secret was refused try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin import audit_log
from worker.admin.connection import connected
from worker.admin.errors import WrongConfiguration

if TYPE_CHECKING:
    from worker.settings.model import Settings

EVERY_SYSTEM = "all"
"""What the audit log names as the system: a signer serves all of them."""

_FORGET = "delete from refused_secrets where $1 = any(signers) returning refused_at is not null as refused"


async def unblock_signer(settings: Settings, signer: str, *, who: str, reason: str | None) -> int:
    """Forget that this signer's secrets were refused or are in doubt, and return how many that were.

    The signer may then try its secret once more. Raises WrongConfiguration, and ActFailed.
    """
    if signer not in settings.signers:
        known = ", ".join(settings.signers) or "none is configured"
        raise WrongConfiguration(f"There is no signer {signer!r} in the configuration: {known}.")
    async with connected(settings.journal, "signers") as connection, connection.transaction():
        forgotten = len(await connection.fetch(_FORGET, signer))
        if forgotten:
            details = {"signer": signer, "forgotten": forgotten}
            await audit_log.record_intake(
                connection, EVERY_SYSTEM, who=who, act="unblock-signer", reason=reason, details=details
            )
    return forgotten
