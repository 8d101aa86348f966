"""Who serves a platform from this store: a row that its owner renews."""

from __future__ import annotations

from typing import NamedTuple

from bot.store import Reader, Transaction


class Lease(NamedTuple):
    """`renewals` grows while the owner lives; `proof` is where its lock file is."""

    owner: str
    proof: str
    renewals: int


async def get(reader: Reader, name: str) -> Lease | None:
    sql = "SELECT owner, proof, renewals FROM leases WHERE name = :name"
    rows = await reader.rows(sql, name=name)
    return Lease(*rows[0]) if rows else None


async def take(tx: Transaction, name: str, owner: str, proof: str, before: Lease | None) -> bool:
    """Make it ours, if it still is as it was `before`; None: nobody's."""
    if before is None:
        sql = """INSERT INTO leases (name, owner, proof, renewals)
            VALUES (:name, :owner, :proof, 0) ON CONFLICT DO NOTHING"""
        return bool(await tx.run(sql, name=name, owner=owner, proof=proof))
    sql = """UPDATE leases SET owner = :owner, proof = :proof, renewals = 0
        WHERE name = :name AND owner = :old AND renewals = :renewals"""
    return bool(
        await tx.run(
            sql, name=name, owner=owner, proof=proof, old=before.owner, renewals=before.renewals
        )
    )


async def renew(tx: Transaction, owner: str) -> int:
    """Returns how many are still this owner's."""
    return await tx.run(
        "UPDATE leases SET renewals = renewals + 1 WHERE owner = :owner", owner=owner
    )


async def count(reader: Reader, owner: str) -> int:
    [[number]] = await reader.rows("SELECT count(*) FROM leases WHERE owner = :owner", owner=owner)
    return int(number)


async def release(tx: Transaction, owner: str) -> None:
    await tx.run("DELETE FROM leases WHERE owner = :owner", owner=owner)
