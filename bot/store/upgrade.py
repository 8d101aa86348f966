"""The fourth migration, from a run's marks to lists with members and digests, and its functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENING = time(6, tzinfo=UTC)  # as `schedule.OPENING` was when these rows were written


def sha256(text: str) -> bytes:
    """16 bytes of it: the key under which a content is stored once."""
    return hashlib.sha256(text.encode()).digest()[:16]


def _content_of(kind: str, payload: str) -> str:
    """A notice was its bare text."""
    return json.dumps({"text": payload}, ensure_ascii=False) if kind == "notice" else payload


def _list_day(instant: datetime, local: date) -> str:
    opened = instant >= datetime.combine(local, OPENING)
    return (local if opened else local - timedelta(days=1)).isoformat()


def _list_day_of(local_date: str, wall: str | None, zone: str | None) -> str:
    """The list of a run's local date, by its subscription's settings; else that date's."""
    try:
        local = date.fromisoformat(local_date)
        at = datetime.combine(local, time.fromisoformat(wall or ""), ZoneInfo(zone or ""))
    except (ValueError, KeyError, OSError):  # no subscription, an unknown zone
        return local_date
    return _list_day(at.astimezone(UTC), local)


def _list_day_at(run_at: str, wall: str, zone: str) -> str:
    """The list of the run of that instant."""
    instant = datetime.fromisoformat(run_at)
    try:
        local = instant.astimezone(ZoneInfo(zone)).date()
    except (ValueError, KeyError, OSError):
        local = instant.date()
    return _list_day(instant, local)


def _six_hours_after(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=6)).isoformat(timespec="microseconds")


FUNCTIONS: tuple[tuple[str, int, Callable[..., str | bytes]], ...] = (  # name, arguments
    ("sha256", 1, sha256),
    ("content_of", 2, _content_of),
    ("list_day_of", 3, _list_day_of),
    ("list_day_at", 3, _list_day_at),
    ("six_hours_after", 1, _six_hours_after),
)

# Lists have members, a digest is stored once for all its places, and what a place has had is what
# its deliveries say. `papers.arrival` is no longer used: dropping it would rewrite every paper.
LISTS = (
    """CREATE TABLE lists (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        day TEXT NOT NULL,
        fetched_at TEXT,
        whole INTEGER NOT NULL DEFAULT 0,
        next_at TEXT NOT NULL,
        doubted_at TEXT,
        UNIQUE (source, day)
    )""",
    # `doubted_at`: when a reply came that is not believed until a second one says the same.
    """CREATE TABLE list_papers (
        list INTEGER NOT NULL REFERENCES lists (id),
        paper INTEGER NOT NULL,
        joined_at TEXT NOT NULL,
        left_at TEXT,
        PRIMARY KEY (list, paper)
    ) WITHOUT ROWID""",
    "CREATE INDEX list_papers_of ON list_papers (paper)",
    "CREATE INDEX list_papers_left ON list_papers (left_at) WHERE left_at IS NOT NULL",
    """INSERT INTO lists (source, day, fetched_at, whole, next_at)
        SELECT source, day, fetched_at, whole, next_at FROM listings WHERE source <> 'arxiv'
        ORDER BY day""",
    """INSERT INTO list_papers (list, paper, joined_at)
        SELECT lists.id, papers.pk, lists.fetched_at FROM lists JOIN papers USING (day)""",
    "DROP TABLE listings",
    "ALTER TABLE papers ADD COLUMN delisted TEXT",
    "DROP INDEX papers_by_arrival",
    # One row for what fails now: a source with an empty day, or one day's list of it.
    "DROP TABLE faults",
    """CREATE TABLE faults (
        source TEXT NOT NULL,
        day TEXT NOT NULL,
        since TEXT NOT NULL,
        reason TEXT NOT NULL,
        failures INTEGER NOT NULL,
        next_at TEXT NOT NULL,
        PRIMARY KEY (source, day)
    ) WITHOUT ROWID""",
    # How far a feed's arrivals are read.
    """CREATE TABLE watermarks (
        source TEXT PRIMARY KEY,
        watermark TEXT NOT NULL,
        next_at TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # A digest or a notice, written once for all the deliveries that carry it.
    "CREATE TABLE contents (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL)",
    """INSERT OR IGNORE INTO contents (hash, text)
        SELECT sha256(content_of(kind, payload)), content_of(kind, payload) FROM deliveries
        WHERE payload NOT IN ('', 'missed')""",
    "ALTER TABLE deliveries RENAME TO old_deliveries",
    """CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER REFERENCES subscriptions (id) ON DELETE SET NULL,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        kind TEXT NOT NULL,
        local_date TEXT NOT NULL,
        part INTEGER NOT NULL DEFAULT 0,
        list_day TEXT,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'retry', 'unknown',
            'dead', 'cancelled', 'skipped', 'missed', 'paused', 'retired')),
        fence INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        deadline TEXT NOT NULL,
        tried_at TEXT,
        ambiguous_at TEXT,
        finished_at TEXT,
        doubted INTEGER NOT NULL DEFAULT 0,
        suspected INTEGER NOT NULL DEFAULT 0,
        plain INTEGER NOT NULL DEFAULT 0,
        content INTEGER REFERENCES contents (id),
        message_id TEXT,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (platform, address, kind, local_date, part)
    )""",
    """INSERT INTO deliveries (id, subscription, platform, address, kind, local_date, part,
            list_day, state, fence, attempts, due_at, deadline, tried_at, ambiguous_at,
            finished_at, content, message_id, reason)
        SELECT d.id, d.subscription, d.platform, d.address, d.kind, d.local_date, d.part,
            CASE WHEN d.kind = 'notice' THEN NULL
                WHEN json_valid(d.payload) THEN json_extract(d.payload, '$.day')
                ELSE list_day_of(d.local_date, s.time, s.zone) END,
            CASE WHEN d.payload = 'missed' THEN 'missed' ELSE d.state END,
            d.fence, d.attempts, d.due_at, six_hours_after(d.due_at), d.tried_at, d.ambiguous_at,
            d.finished_at,
            (SELECT c.id FROM contents AS c WHERE c.hash = sha256(content_of(d.kind, d.payload))),
            d.message_id, d.reason
        FROM old_deliveries AS d LEFT JOIN subscriptions AS s ON s.id = d.subscription
        ORDER BY d.id""",
    # Ids are never used twice, or old buttons would page through new posts.
    "DELETE FROM sqlite_sequence WHERE name = 'deliveries'",
    """INSERT INTO sqlite_sequence (name, seq)
        SELECT 'deliveries', seq FROM sqlite_sequence WHERE name = 'old_deliveries'""",
    "DROP TABLE old_deliveries",
    """CREATE INDEX deliveries_due ON deliveries (platform, due_at)
        WHERE state IN ('pending', 'retry')""",
    """CREATE INDEX deliveries_deadline ON deliveries (deadline)
        WHERE state IN ('pending', 'retry')""",
    "CREATE INDEX deliveries_sending ON deliveries (platform) WHERE state = 'sending'",
    "CREATE INDEX deliveries_of ON deliveries (subscription)",
    "CREATE INDEX deliveries_content ON deliveries (content)",
    """CREATE INDEX deliveries_finished ON deliveries (due_at)
        WHERE state NOT IN ('pending', 'retry', 'sending')""",
    """CREATE INDEX deliveries_failed ON deliveries (id)
        WHERE state IN ('unknown', 'dead', 'retry', 'missed', 'cancelled')""",
    # What an older program let a restored backup retire is in no delivery: it ends the day before.
    """UPDATE subscriptions SET first_day = coalesce(
        CASE WHEN last_day > coalesce((SELECT max(d.list_day) FROM deliveries AS d
                WHERE d.subscription = subscriptions.id AND d.state IN ('sent', 'unknown',
                    'pending', 'sending', 'retry')), '') THEN date(last_day, '+1 day') END,
        first_day, list_day_at(run_at, time, zone))""",
    "ALTER TABLE subscriptions DROP COLUMN last_day",
    "ALTER TABLE subscriptions DROP COLUMN last_arrival",
    "ALTER TABLE subscriptions ADD COLUMN looks INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX subscriptions_off ON subscriptions (check_at) WHERE state = 'off'",
    "ALTER TABLE topics ADD COLUMN since TEXT",
    "ALTER TABLE places RENAME TO old_places",
    """CREATE TABLE places (
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        added_by TEXT,
        title TEXT NOT NULL,
        url TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (platform, address)
    ) WITHOUT ROWID""",
    "INSERT INTO places (platform, address, added_by, title) SELECT * FROM old_places",
    "DROP TABLE old_places",
)
