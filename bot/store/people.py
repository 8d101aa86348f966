"""Places and who added the bot to them, what is kept about a person, and button texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.model import Destination, Place
from bot.store import Reader, Store, Transaction, Value, at, upkeep


async def forget(tx: Transaction, platform: str, person: str) -> None:
    """Everything kept about a person: their private chat, topics and deliveries, and their name
    on the places they set up or added the bot to (the places keep their posts)."""
    who = {"platform": platform, "person": person}
    for table, column in (
        ("deliveries", "address"),
        ("subscriptions", "address"),
        ("places", "address"),
        ("places", "added_by"),
    ):
        await tx.run(
            f"DELETE FROM {table} WHERE platform = :platform AND {column} = :person", **who
        )
    sql = "UPDATE subscriptions SET owner = NULL WHERE platform = :platform AND owner = :person"
    await tx.run(sql, **who)
    await upkeep.prune_contents(tx)


async def added(store: Store, where: Destination, by: str, title: str) -> bool:
    """Returns whether posts are set up there."""
    async with store.transaction() as tx:
        sql = """INSERT INTO places (platform, address, added_by, title)
            VALUES (:platform, :address, :by, :title) ON CONFLICT (platform, address)
            DO UPDATE SET added_by = excluded.added_by, title = excluded.title"""
        await tx.run(sql, **at(where), by=by, title=title)
        sql = "SELECT id FROM subscriptions WHERE platform = :platform AND address = :address"
        return bool(await tx.rows(sql, **at(where)))


async def greet(store: Store, where: Destination, title: str) -> bool:
    """Keep that the bot introduced itself there. False: it was kept already."""
    async with store.transaction() as tx:
        sql = """INSERT INTO places (platform, address, title)
            VALUES (:platform, :address, :title) ON CONFLICT DO NOTHING"""
        return bool(await tx.run(sql, **at(where), title=title))


async def added_by(store: Store, where: Destination) -> str | None:
    sql = "SELECT added_by FROM places WHERE platform = :platform AND address = :address"
    row = await store.row(sql, **at(where))
    return row["added_by"] if row else None


async def name_place(tx: Transaction, where: Destination, place: Place) -> None:
    """How people call it, as known now."""
    sql = """INSERT INTO places (platform, address, title, url)
        VALUES (:platform, :address, :title, :url) ON CONFLICT (platform, address)
        DO UPDATE SET title = excluded.title, url = excluded.url"""
    await tx.run(sql, **at(where), title=place.title, url=place.url)


async def place(reader: Reader, where: Destination) -> Place:
    """A place as people know it; without a title when nobody said it."""
    sql = "SELECT title, url FROM places WHERE platform = :platform AND address = :address"
    found = await reader.rows(sql, **at(where))
    return Place(found[0]["title"], found[0]["url"]) if found else Place("")


async def places_of(store: Store, platform: str, person: str) -> list[str]:
    """Titles of the places this person added the bot to."""
    sql = "SELECT title FROM places WHERE platform = :platform AND added_by = :person"
    found = await store.rows(sql, platform=platform, person=person)
    return [row["title"] for row in found]


async def left(tx: Transaction, platform: str, addresses: Iterable[str]) -> None:
    """The bot is there no more: what nothing was set up for is forgotten."""
    sql = """DELETE FROM places WHERE platform = :platform
        AND address IN (SELECT value FROM json_each(:addresses)) AND NOT EXISTS (
            SELECT 1 FROM subscriptions AS s
            WHERE s.platform = places.platform AND s.address = places.address)"""
    await tx.run(sql, platform=platform, addresses=json.dumps(list(addresses)))


async def at_chat(reader: Reader, platform: str, start: str) -> list[str]:
    """The addresses of places that begin so."""
    sql = """SELECT address FROM places
        WHERE platform = :platform AND substr(address, 1, length(:start)) = :start"""
    return [row["address"] for row in await reader.rows(sql, platform=platform, start=start)]


async def move(tx: Transaction, old: Destination, new: str) -> None:
    """A chat has a new address. What the new address has already stays; the old one's goes."""
    if new == old.address:
        return
    where = {"platform": old.platform, "old": old.address}
    at_old = "WHERE platform = :platform AND address = :old"
    await _join_posts(tx, new=new, **where)
    for table in ("subscriptions", "deliveries", "places"):
        await tx.run(f"UPDATE OR IGNORE {table} SET address = :new {at_old}", new=new, **where)
        await tx.run(f"DELETE FROM {table} {at_old}", **where)


async def _join_posts(tx: Transaction, **where: str) -> None:
    """Posts of the old address are its subscription's of that name at the new one, if there is one.
    A run that both have stays as the new one has it."""
    sql = """DELETE FROM deliveries AS d WHERE platform = :platform AND address = :old AND EXISTS (
        SELECT 1 FROM deliveries AS n WHERE n.platform = :platform AND n.address = :new
        AND (n.name, n.kind, n.local_date, n.part) = (d.name, d.kind, d.local_date, d.part))"""
    await tx.run(sql, **where)
    sql = """UPDATE OR IGNORE deliveries AS d SET subscription = n.id
        FROM subscriptions AS o JOIN subscriptions AS n USING (platform, name)
        WHERE o.id = d.subscription AND o.platform = :platform AND o.address = :old
            AND n.address = :new"""
    await tx.run(sql, **where)


async def keep_texts(store: Store, texts: Mapping[str, str], now: datetime) -> None:
    """By their keys."""
    async with store.transaction() as tx:
        sql = """INSERT INTO texts (key, text, used_at) VALUES (:key, :text, :now)
            ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at"""
        rows: list[dict[str, Value]] = [
            {"key": key, "text": text, "now": now} for key, text in texts.items()
        ]
        await tx.run_many(sql, rows)


async def kept_text(store: Store, key: str) -> str | None:
    row = await store.row("SELECT text FROM texts WHERE key = :key", key=key)
    return row["text"] if row else None


async def are_kept(store: Store, keys: Iterable[str]) -> bool:
    """Whether the store has the texts of all these keys."""
    wanted = set(keys)
    sql = "SELECT count(*) FROM texts WHERE key IN (SELECT value FROM json_each(:keys))"
    row = await store.row(sql, keys=json.dumps(list(wanted)))
    return row is not None and row[0] == len(wanted)
