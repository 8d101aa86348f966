"""The tables, as an append-only tuple of migrations: a file has all of them, or is unchanged."""

from __future__ import annotations

_FIRST = (
    """CREATE TABLE papers (
        pk INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        summary TEXT NOT NULL DEFAULT '',
        authors TEXT NOT NULL DEFAULT '[]',
        published TEXT,
        day TEXT,
        arrival INTEGER,
        votes INTEGER,
        comments INTEGER,
        code TEXT,
        stars INTEGER,
        project TEXT,
        ai_summary TEXT,
        keywords TEXT NOT NULL DEFAULT '[]',
        categories TEXT NOT NULL DEFAULT '[]',
        organization TEXT
    )""",
    "CREATE INDEX papers_by_day ON papers (day, votes DESC) WHERE day IS NOT NULL",
    "CREATE INDEX papers_by_arrival ON papers (arrival) WHERE arrival IS NOT NULL",
    # One row a day and source: when it was last fetched, and when to ask again.
    """CREATE TABLE listings (
        source TEXT NOT NULL,
        day TEXT NOT NULL,
        fetched_at TEXT NOT NULL,
        papers INTEGER NOT NULL,
        whole INTEGER NOT NULL,
        next_at TEXT NOT NULL,
        PRIMARY KEY (source, day)
    ) WITHOUT ROWID""",
    # One row a source that is failing now.
    """CREATE TABLE faults (
        source TEXT PRIMARY KEY,
        since TEXT NOT NULL,
        reason TEXT NOT NULL,
        failures INTEGER NOT NULL,
        next_at TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('daily', 'topics')),
        time TEXT NOT NULL,
        zone TEXT NOT NULL,
        papers INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'paused', 'off')),
        reason TEXT NOT NULL DEFAULT '',
        run_at TEXT NOT NULL,
        check_at TEXT NOT NULL,
        owner TEXT,
        first_day TEXT,
        last_day TEXT,
        last_arrival INTEGER NOT NULL DEFAULT 0,
        UNIQUE (platform, address, kind)
    )""",
    "CREATE INDEX subscriptions_due ON subscriptions (check_at) WHERE state = 'on'",
    """CREATE TABLE topics (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
        text TEXT NOT NULL COLLATE NOCASE,
        UNIQUE (subscription, text)
    )""",
    """CREATE TABLE places (
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        added_by TEXT NOT NULL,
        title TEXT NOT NULL,
        PRIMARY KEY (platform, address)
    ) WITHOUT ROWID""",
    """CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER REFERENCES subscriptions (id) ON DELETE SET NULL,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        kind TEXT NOT NULL,
        local_date TEXT NOT NULL,
        part INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL CHECK (state IN
            ('pending', 'sending', 'sent', 'retry', 'unknown', 'dead', 'cancelled', 'skipped')),
        fence INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL,
        tried_at TEXT,
        ambiguous_at TEXT,
        finished_at TEXT,
        payload TEXT NOT NULL DEFAULT '',
        message_id TEXT,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (platform, address, kind, local_date, part)
    )""",
    """CREATE INDEX deliveries_due ON deliveries (platform, due_at)
        WHERE state IN ('pending', 'retry')""",
    "CREATE INDEX deliveries_sending ON deliveries (platform) WHERE state = 'sending'",
    "CREATE INDEX deliveries_of ON deliveries (subscription)",
    # Words too long for a button's 64 characters, under a key that fits. Not tied to a person.
    """CREATE TABLE texts (
        key TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        used_at TEXT NOT NULL
    ) WITHOUT ROWID""",
)

# What only SQLite has. External content with detail=full: bm25 needs it to be fast.
_SEARCH = (
    """CREATE VIRTUAL TABLE papers_fts USING fts5 (
        title, summary, authors, content='papers', content_rowid='pk', tokenize='porter unicode61'
    )""",
    """CREATE TRIGGER papers_added AFTER INSERT ON papers BEGIN
        INSERT INTO papers_fts (rowid, title, summary, authors)
        VALUES (new.pk, new.title, new.summary, new.authors);
    END""",
    """CREATE TRIGGER papers_removed AFTER DELETE ON papers BEGIN
        INSERT INTO papers_fts (papers_fts, rowid, title, summary, authors)
        VALUES ('delete', old.pk, old.title, old.summary, old.authors);
    END""",
    """CREATE TRIGGER papers_changed AFTER UPDATE OF title, summary, authors ON papers
    WHEN old.title IS NOT new.title OR old.summary IS NOT new.summary
        OR old.authors IS NOT new.authors
    BEGIN
        INSERT INTO papers_fts (papers_fts, rowid, title, summary, authors)
        VALUES ('delete', old.pk, old.title, old.summary, old.authors);
        INSERT INTO papers_fts (rowid, title, summary, authors)
        VALUES (new.pk, new.title, new.summary, new.authors);
    END""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST + _SEARCH,)
