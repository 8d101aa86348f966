"""Topics kept by an earlier version, in today's query language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from bot import notice
from bot.errors import UserError
from bot.lifecycle import NOTICE_LASTS
from bot.model import Topic
from bot.query.operators import Phrase, Without, Words
from bot.query.parse import parse
from bot.query.query import Query
from bot.states import What
from bot.store import Store, Transaction, old_topics, outbox, subscriptions
from bot.topics import check


async def upgrade_topics(store: Store, now: datetime) -> int:
    """Once after an upgrade: write topics as they are understood now, merge those that are equal,
    and tell who has one that means something else. Returns how many were looked at.

    An earlier version took a topic as words, whatever it had: `author:hinton` matched nothing.
    """
    old = await old_topics.old_topics(store)
    if not old:
        return 0
    reachable = await old_topics.not_off(store)
    async with store.transaction() as tx:
        for (number, person), group in groupby(old, key=lambda row: row[:2]):
            topics = [topic for _, _, topic in group]
            changed = await _rewrite(tx, number, topics, now)
            if changed and number in reachable:
                told = notice.topics_changed(changed)
                await outbox.add(tx, person, What.NOTICE, now.date(), now=now,
                                 deadline=now + NOTICE_LASTS, payload=told.dumps())  # fmt: skip
    return len(old)


async def _rewrite(
    tx: Transaction, subscription: int, topics: Sequence[Topic], now: datetime
) -> list[tuple[str, str]]:
    """Returns those that mean something else now: the text, and what it means; empty: nothing."""
    changed: list[tuple[str, str]] = []
    kept: set[object] = set()
    for topic in topics:
        query = _query(topic.text, now.date())
        if query is None or query.key in kept:
            await subscriptions.remove_topic(tx, subscription, topic.text)
        else:
            kept.add(query.key)
            await old_topics.rewrite_topic(tx, topic.id, str(query))
        if query is None or not _means_the_same(topic.text, query):
            changed.append((topic.text, query.english() if query else ""))
    return changed


def _query(text: str, today: date) -> Query | None:
    """None for what can match nothing."""
    try:
        query = parse(text)
        check(query, today)
    except UserError:
        return None
    return query


def _means_the_same(text: str, query: Query) -> bool:
    """Whether it is read as before: words that stand together, and words after a minus."""
    words = text.replace('"', " ").split()
    before = Query().adding(
        Words(tuple(word for word in words if not word.startswith("-"))),
        *(Without(Phrase(word.lstrip("-"))) for word in words if word.startswith("-")),
    )
    phrases = " ".join(phrase.text for phrase in query.all(Phrase)).split()
    now = query.dropping(Phrase).adding(Words(tuple(phrases)))
    return now.key == before.key
