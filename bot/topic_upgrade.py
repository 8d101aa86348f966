"""Topics kept by an earlier version, in today's query language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from bot import notice
from bot.errors import UserError
from bot.lifecycle import NOTICE_LASTS
from bot.model import Topic
from bot.query.operators import Phrase, Without, Words
from bot.query.parse import parse
from bot.query.query import Query
from bot.states import Kind
from bot.store import Store, Transaction, outbox, subscriptions


async def upgrade_topics(store: Store, now: datetime) -> int:
    """Once after an upgrade: write topics as they are understood now, merge those that are equal,
    and tell who has one that means something else. Returns how many were looked at.

    An earlier version took a topic as words, whatever it had: `author:hinton` matched nothing.
    """
    old = await subscriptions.old_topics(store)
    if not old:
        return 0
    async with store.transaction() as tx:
        for (number, person), group in groupby(old, key=lambda row: row[:2]):
            changed = await _rewrite(tx, number, [topic for _, _, topic in group])
            if changed:
                told = notice.topics_changed(changed)
                await outbox.add(tx, person, Kind.NOTICE, now.date(), now=now,
                                 deadline=now + NOTICE_LASTS, payload=told.dumps())  # fmt: skip
    return len(old)


async def _rewrite(
    tx: Transaction, subscription: int, topics: Sequence[Topic]
) -> list[tuple[str, str]]:
    """Returns those that mean something else now: the text, and what it means; empty: nothing."""
    changed: list[tuple[str, str]] = []
    kept: set[object] = set()
    for topic in topics:
        query = _query(topic.text)
        if query is None or query.key in kept:
            await subscriptions.remove_topic(tx, subscription, topic.text)
        else:
            kept.add(query.key)
            await subscriptions.rewrite_topic(tx, topic.id, str(query))
        if query is None or not _is_words(query):
            changed.append((topic.text, query.english() if query else ""))
    return changed


def _query(text: str) -> Query | None:
    """None for what can match nothing."""
    try:
        query = parse(text)
    except UserError:
        return None
    return None if query.asks_nothing or query.paper else query


def _is_words(query: Query) -> bool:
    """Whether it means what it meant before."""
    unwanted = (one.unwanted for one in query.all(Without))
    asked = (*query.dropping(Without).conditions, *unwanted)
    return all(isinstance(one, (Words, Phrase)) for one in asked)
