"""The twelfth migration: a place has any number of subscriptions, told apart by name."""

from __future__ import annotations

_KEPT = """id, subscription, platform, address, kind, local_date, part, list_day, state, fence,
    attempts, due_at, deadline, tried_at, ambiguous_at, finished_at, doubted, suspected, plain,
    content, message_id, look, reason"""
# A date's rows of a subscription are numbered anew: nothing kept them apart by it before.
_NUMBERED = _KEPT.replace(
    "part,",
    """row_number() OVER (PARTITION BY subscription, platform, address, kind, local_date
        ORDER BY part, id) - 1,""",
)


def _renamed(table: str, new: str) -> tuple[str, ...]:
    """Numbers are never used twice, or old buttons would act on new rows."""
    return (
        f"DELETE FROM sqlite_sequence WHERE name = '{new}'",
        f"""INSERT INTO sqlite_sequence (name, seq)
            SELECT '{new}', seq FROM sqlite_sequence WHERE name = '{table}'""",
    )


# SQLite changes no UNIQUE of a table. The tables that refer to another are moved before that one
# is dropped: its rows would take theirs along.
NAMED = (
    # `kind` is what it brings.
    """CREATE TABLE named_subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL CHECK (kind IN ('daily', 'weekly', 'monthly', 'topics')),
        query TEXT NOT NULL DEFAULT '',
        time TEXT NOT NULL,
        zone TEXT NOT NULL,
        papers INTEGER NOT NULL,
        layout TEXT NOT NULL DEFAULT 'rich' CHECK (layout IN ('rich', 'compact', 'document')),
        state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'paused', 'off')),
        reason TEXT NOT NULL DEFAULT '',
        run_at TEXT NOT NULL,
        check_at TEXT NOT NULL,
        owner TEXT,
        first_day TEXT,
        looks INTEGER NOT NULL DEFAULT 0,
        UNIQUE (platform, address, name)
    )""",
    """INSERT INTO named_subscriptions (id, platform, address, name, kind, time, zone, papers,
            state, reason, run_at, check_at, owner, first_day, looks)
        SELECT id, platform, address, iif(kind = 'topics', 'topics', ''), kind, time, zone, papers,
            state, reason, run_at, check_at, owner, first_day, looks FROM subscriptions""",
    *_renamed("subscriptions", "named_subscriptions"),
    """CREATE TABLE named_topics (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER NOT NULL REFERENCES named_subscriptions (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        since TEXT,
        canonical INTEGER NOT NULL DEFAULT 0,
        UNIQUE (subscription, text)
    )""",
    """INSERT INTO named_topics (id, subscription, text, since, canonical)
        SELECT id, subscription, text, since, canonical FROM topics""",
    *_renamed("topics", "named_topics"),
    # With what its subscription was: where that is deleted, and made again, it repeats nothing.
    """CREATE TABLE named_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER REFERENCES named_subscriptions (id) ON DELETE SET NULL,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL,
        query TEXT NOT NULL DEFAULT '',
        local_date TEXT NOT NULL,
        part INTEGER NOT NULL DEFAULT 0,
        list_day TEXT,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'retry', 'unknown',
            'dead', 'cancelled', 'skipped', 'missed', 'paused', 'replaced', 'retired')),
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
        look TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (subscription, local_date, part)
    )""",
    f"""INSERT INTO named_deliveries ({_KEPT}, name)
        SELECT {_NUMBERED}, iif(kind = 'topics', 'topics', '') FROM deliveries ORDER BY id""",
    *_renamed("deliveries", "named_deliveries"),
    "DROP TABLE deliveries",
    "DROP TABLE topics",
    "DROP TABLE subscriptions",
    "ALTER TABLE named_subscriptions RENAME TO subscriptions",
    "ALTER TABLE named_topics RENAME TO topics",
    "ALTER TABLE named_deliveries RENAME TO deliveries",
    "CREATE INDEX subscriptions_due ON subscriptions (check_at) WHERE state = 'on'",
    "CREATE INDEX subscriptions_off ON subscriptions (check_at) WHERE state = 'off'",
    "CREATE INDEX deliveries_at ON deliveries (platform, address, local_date)",
    """CREATE INDEX deliveries_due ON deliveries (platform, due_at)
        WHERE state IN ('pending', 'retry')""",
    """CREATE INDEX deliveries_deadline ON deliveries (deadline)
        WHERE state IN ('pending', 'retry')""",
    "CREATE INDEX deliveries_sending ON deliveries (platform) WHERE state = 'sending'",
    "CREATE INDEX deliveries_content ON deliveries (content)",
    """CREATE INDEX deliveries_finished ON deliveries (due_at)
        WHERE state NOT IN ('pending', 'retry', 'sending')""",
    """CREATE INDEX deliveries_failed ON deliveries (id)
        WHERE state IN ('unknown', 'dead', 'retry', 'missed', 'cancelled')""",
)
