"""The ninth migration: a run that a change of time replaced was kept as one that failed."""

from __future__ import annotations

_COLUMNS = """id, subscription, platform, address, kind, local_date, part, list_day, state, fence,
    attempts, due_at, deadline, tried_at, ambiguous_at, finished_at, doubted, suspected, plain,
    content, message_id, reason"""

# SQLite changes no CHECK of a table: a new state needs a new table.
REPLACED = (
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
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (platform, address, kind, local_date, part)
    )""",
    f"INSERT INTO deliveries ({_COLUMNS}) SELECT {_COLUMNS} FROM old_deliveries ORDER BY id",
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
    """UPDATE deliveries SET state = 'replaced'
        WHERE state = 'missed' AND reason = 'its time was changed'""",
)
