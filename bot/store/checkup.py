"""What `doctor` asks the store."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.store import Reader
from bot.store.words import ON, SENDING, UNSENT

BUILD = f"SQLite {sqlite3.sqlite_version} with FTS5 and JSON"
_SENT_SOON = timedelta(seconds=3)
_PLANNED_SOON = timedelta(seconds=20)  # a bell rings for planning every 15


async def newest_titles(reader: Reader, limit: int) -> list[tuple[str, str]]:
    """Ids and titles of the papers stored last."""
    rows = await reader.rows("SELECT id, title FROM papers ORDER BY pk DESC LIMIT :n", n=limit)
    return [(row["id"], row["title"]) for row in rows]


async def has_posts_ahead(reader: Reader, platform: str, now: datetime) -> bool:
    """Whether the running bot posts there just now, or will in some seconds."""
    sql = f"""SELECT EXISTS (SELECT 1 FROM deliveries WHERE platform = :platform
            AND {SENDING})
        OR EXISTS (SELECT 1 FROM deliveries WHERE platform = :platform
            AND {UNSENT} AND due_at <= :sent)
        OR EXISTS (SELECT 1 FROM subscriptions WHERE platform = :platform
            AND {ON} AND check_at <= :planned)"""
    sent, planned = now + _SENT_SOON, now + _PLANNED_SOON
    [row] = await reader.rows(sql, platform=platform, sent=sent, planned=planned)
    return bool(row[0])
