"""The keys that a journal was encrypted with: by name, with a proof by which a wrong key is found out at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.journal.errors import CannotDecrypt, EncryptionNotReady

if TYPE_CHECKING:
    import asyncpg

    from worker.journal.vault import Vault

_PROOF = b"herald"

_KNOWN = "select key_id, proof from encryption_keys order by key_id"
# Whoever begins to encrypt waits for leases that are being written, and those that come later find the key.
_ALONE = "lock table workers in share row exclusive mode"
_OLDER = "select count(*) from workers where lease_until > clock_timestamp() and not reads_encrypted"
_NOTE = "insert into encryption_keys (key_id, proof) values ($1, $2) on conflict (key_id) do nothing"


async def prepare(connection: asyncpg.Connection, vault: Vault) -> None:
    """Check the keys, and note the active one before anything is encrypted with it. Raises EncryptionNotReady.

    Workers of the version before would publish encrypted replies as they are stored: none may run then, and the
    database refuses their leases from then on.
    """
    known = await check(connection, vault)
    if vault.active is None or vault.active in known:
        return
    async with connection.transaction():
        await connection.execute(_ALONE)
        if older := await connection.fetchval(_OLDER):
            raise EncryptionNotReady(
                f"{older} running workers cannot read encrypted records: update them, or leave"
                " journal.encryption.active_key out"
            )
        await connection.execute(_NOTE, vault.active, vault.seal(_PROOF, "proof", vault.active))
    await check(connection, vault)


async def check(connection: asyncpg.Connection, vault: Vault) -> frozenset[str]:
    """Return the names of the keys in use. Raises EncryptionNotReady where one of them is missing or another one."""
    known = {row["key_id"]: row["proof"] for row in await connection.fetch(_KNOWN)}
    if missing := known.keys() - vault.names:
        names = ", ".join(sorted(missing))
        raise EncryptionNotReady(
            f"this journal has records encrypted with the key {names}: add it to journal.encryption.keys"
        )
    for name, proof in known.items():
        try:
            vault.open(proof, "proof", name)
        except CannotDecrypt:
            raise EncryptionNotReady(
                f"journal.encryption.keys.{name} is not the key that this journal was encrypted with"
            ) from None
    return frozenset(known)
