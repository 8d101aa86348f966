"""The tables, as an append-only tuple of migrations: a file has all of them, or is unchanged."""

from __future__ import annotations

from bot.store.named import NAMED
from bot.store.replaced import REPLACED
from bot.store.upgrade import LISTS

PAPERS_FTS = "papers_fts (rowid, title, summary, authors, organization, categories)"
TITLES_FTS = "titles_fts (rowid, title)"
_WORDS = """stems(title), stems(summary), stems(authors), stems(coalesce(organization, '')),
    stems(categories)"""
_OLD = ", ".join(
    f"old.{column} AS {column}"
    for column in ("pk", "title", "summary", "authors", "organization", "categories")
)
_INDEX = f"""
    INSERT INTO {PAPERS_FTS} SELECT pk, {_WORDS} FROM papers WHERE pk = new.pk;
    INSERT INTO {TITLES_FTS} VALUES (new.pk, words(new.title));
    INSERT INTO unembedded (pk) VALUES (new.pk);"""
_UNINDEX = f"""
    INSERT INTO papers_fts (papers_fts, rowid, title, summary, authors, organization, categories)
        SELECT 'delete', pk, {_WORDS} FROM (SELECT {_OLD});
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.pk, words(old.title));
    DELETE FROM vectors WHERE pk = old.pk;
    DELETE FROM unembedded WHERE pk = old.pk;"""

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
    """CREATE INDEX deliveries_finished ON deliveries (due_at)
        WHERE state NOT IN ('pending', 'retry', 'sending')""",
    """CREATE INDEX deliveries_failed ON deliveries (id)
        WHERE state IN ('unknown', 'dead', 'retry')""",
    # Words too long for a button's 64 characters, under a key that fits. Not tied to a person.
    """CREATE TABLE texts (
        key TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        used_at TEXT NOT NULL
    ) WITHOUT ROWID""",
)

# What only SQLite has. The indexes keep no text: their words come from `stems` and `words`, which
# the store gives to SQLite (`bot.query.normal`). detail=full: else bm25 is many times slower.
_SEARCH = (
    """CREATE VIRTUAL TABLE papers_fts USING fts5 (
        title, summary, authors, organization, categories, content='',
        tokenize='unicode61 remove_diacritics 0'
    )""",
    # What people type, letter by letter, and the vocabulary that corrects their spelling. Nobody
    # asks it where in a title a word is.
    """CREATE VIRTUAL TABLE titles_fts USING fts5 (
        title, content='', detail=none, prefix='1 2 3', tokenize='unicode61 remove_diacritics 0'
    )""",
    "CREATE VIRTUAL TABLE stems USING fts5vocab (papers_fts, row)",
    "CREATE VIRTUAL TABLE title_words USING fts5vocab (titles_fts, row)",
    # A text's vector, 4 bits for each of the table's dimensions.
    "CREATE TABLE vectors (pk INTEGER PRIMARY KEY, vector BLOB NOT NULL)",
    "CREATE TABLE unembedded (pk INTEGER PRIMARY KEY)",
    # How many papers have a stem, of those that many have; made anew now and then.
    "CREATE TABLE common (stem TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE index_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX papers_by_date ON papers (coalesce(published, day))",
    f"CREATE TRIGGER papers_removed AFTER DELETE ON papers BEGIN {_UNINDEX} END",
    f"""CREATE TRIGGER papers_changed
    AFTER UPDATE OF title, summary, authors, organization, categories ON papers
    WHEN (old.title, old.summary, old.authors, old.organization, old.categories)
        IS NOT (new.title, new.summary, new.authors, new.organization, new.categories)
    BEGIN {_UNINDEX} {_INDEX} END""",
)

# The same for the sentence encoder's vectors. Papers wait for one only where it was ever used.
_TO_ENCODE = """INSERT INTO unencoded (pk)
    SELECT new.pk FROM index_facts WHERE name = 'encoder';"""
_ENCODED = "DELETE FROM encodings WHERE pk = old.pk; DELETE FROM unencoded WHERE pk = old.pk;"
_ENCODER = (
    "CREATE TABLE encodings (pk INTEGER PRIMARY KEY, vector BLOB NOT NULL)",
    "CREATE TABLE unencoded (pk INTEGER PRIMARY KEY)",
    f"CREATE TRIGGER papers_to_encode AFTER INSERT ON papers BEGIN {_TO_ENCODE} END",
    f"CREATE TRIGGER papers_encoded_removed AFTER DELETE ON papers BEGIN {_ENCODED} END",
    f"""CREATE TRIGGER papers_encoded_changed AFTER UPDATE OF title, summary ON papers
    WHEN (old.title, old.summary) IS NOT (new.title, new.summary)
    BEGIN {_ENCODED} {_TO_ENCODE} END""",
)

# Of a whole arXiv few papers have these: a search for them looks nowhere else.
_FILTERS = (
    "CREATE INDEX papers_by_votes ON papers (votes) WHERE votes IS NOT NULL",
    "CREATE INDEX papers_with_code ON papers (pk) WHERE code IS NOT NULL",
)

# A topic is a query's canonical text; before, it was words, whatever it had in it.
# `flow or x` and `flow OR x` are two.
_TOPICS = (
    """CREATE TABLE queries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        since TEXT,
        canonical INTEGER NOT NULL DEFAULT 0,
        UNIQUE (subscription, text)
    )""",
    """INSERT INTO queries (id, subscription, text, since)
        SELECT id, subscription, text, since FROM topics""",
    "DROP TABLE topics",
    "ALTER TABLE queries RENAME TO topics",
)
# A Telegram administrator without a name was taken for the group, which then heard of trouble.
_NAMELESS = (
    "UPDATE subscriptions SET owner = NULL WHERE platform = 'telegram' AND owner LIKE '-%'",
)

# Pictures, who put a paper on the list, and how its votes went.
_FACTS = (
    "ALTER TABLE papers ADD COLUMN thumbnail TEXT",
    "ALTER TABLE papers ADD COLUMN media TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE papers ADD COLUMN submitter TEXT",
    """CREATE TABLE vote_samples (
        paper INTEGER NOT NULL,
        at TEXT NOT NULL,
        votes INTEGER NOT NULL,
        PRIMARY KEY (paper, at)
    ) WITHOUT ROWID""",
)

# Who serves a platform from this store.
_LEASES = (
    """CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        proof TEXT NOT NULL,
        renewals INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

# In which form a post stands at its platform; empty: in the usual one.
_LOOKS = (
    "ALTER TABLE deliveries ADD COLUMN look TEXT NOT NULL DEFAULT ''",
    "UPDATE deliveries SET look = 'plain' WHERE plain = 1 AND message_id IS NOT NULL",
)

# Whose list `day` is; NULL: of the one source that there was.
_LISTED_BY = ("ALTER TABLE papers ADD COLUMN listed_by TEXT",)

# The lists of a week or a month, as the source gives them together.
_PERIODS = (
    """CREATE TABLE periods (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        first TEXT NOT NULL,
        last TEXT NOT NULL,
        fetched_at TEXT NOT NULL,
        UNIQUE (source, first, last)
    )""",
    """CREATE TABLE period_papers (
        period INTEGER NOT NULL REFERENCES periods (id),
        paper INTEGER NOT NULL,
        PRIMARY KEY (period, paper)
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST + _SEARCH, _ENCODER, _FILTERS, LISTS, _NAMELESS, _TOPICS, _FACTS, _LEASES, REPLACED,
    _LOOKS, _LISTED_BY, NAMED, _PERIODS,
)  # fmt: skip
