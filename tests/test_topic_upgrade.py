"""Topics of an earlier version are read by today's language; who has them is told once."""

import json
from datetime import UTC, datetime

import pytest

from bot.store import Store, subscriptions
from bot.topic_upgrade import upgrade_topics
from tests.fakes import subscribe

NOW = datetime(2025, 6, 12, 17, tzinfo=UTC)


async def keep(store: Store, person: str, *texts: str) -> int:
    """As the version before kept them."""
    number = await subscribe(store, person, NOW, kind="topics", owner=person, topics=texts)
    async with store.transaction() as tx:
        await tx.run("UPDATE topics SET canonical = 0")
    return number


async def texts(store: Store, number: int) -> list[str]:
    return [topic.text for topic in await subscriptions.topics(store, number)]


async def notices(store: Store) -> list[tuple[str, str]]:
    sql = """SELECT address, contents.text AS payload FROM deliveries
        JOIN contents ON contents.id = content WHERE kind = 'notice' ORDER BY deliveries.id"""
    return [(row["address"], json.loads(row["payload"])["text"]) for row in await store.rows(sql)]


async def test_words_stay_and_nobody_is_told(store: Store) -> None:
    number = await keep(store, "me", "KV cache -survey", '"long context"', "qwen3", "BERT: x")
    assert await upgrade_topics(store, NOW) == 4
    assert await texts(store, number) == ['"long context"', "BERT x", "KV cache -survey", "qwen3"]
    assert await notices(store) == []


async def test_equal_topics_are_one(store: Store) -> None:
    number = await keep(store, "me", "qwen 3", "Qwen3", "kv-cache", "KV cache", "kv  caches")
    await upgrade_topics(store, NOW)
    assert len(await texts(store, number)) == 3 and await notices(store) == []


async def test_what_means_something_else_is_told_once_to_who_has_it(store: Store) -> None:
    mine = await keep(store, "me", "author:hinton", "kv cache", "2505.24864", "a OR b")
    yours = await keep(store, "you", "robots")
    assert await upgrade_topics(store, NOW) == 5
    assert await upgrade_topics(store, NOW) == 0
    assert await texts(store, mine) == ["a OR b", "author:hinton", "kv cache"]
    assert await texts(store, yours) == ["robots"]
    [(person, text)] = await notices(store)
    assert person == "me" and text.splitlines()[1:] == [
        "· author:hinton: by hinton",
        "· 2505.24864: could match nothing, so it is gone",
        "· a OR b: a or b",
    ]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("attention except surveys", "attention, without “surveys”"),
        ("robots NOT survey", "robots, without “survey”"),
        ("lang:en robots", "robots"),
        ("votes:<5 agents", "agents"),
        ("flow | diffusion", "flow or diffusion"),
        ("kv before:2020", "could match nothing, so it is gone"),
    ],
)
async def test_every_other_meaning_is_told(store: Store, text: str, meaning: str) -> None:
    await keep(store, "me", text)
    await upgrade_topics(store, NOW)
    [(_, told)] = await notices(store)
    assert told.splitlines()[1] == f"· {text}: {meaning}"


async def test_a_closed_chat_is_told_nothing(store: Store) -> None:
    number = await keep(store, "me", "author:hinton")
    async with store.transaction() as tx:
        await tx.run("UPDATE subscriptions SET state = 'off'")
    await upgrade_topics(store, NOW)
    assert await texts(store, number) == ["author:hinton"] and await notices(store) == []


async def test_or_and_OR_are_two_topics(store: Store) -> None:
    number = await keep(store, "me", "flow or diffusion")
    async with store.transaction() as tx:
        await tx.run("UPDATE topics SET canonical = 1")
        assert await subscriptions.add_topic(tx, number, "flow OR diffusion", NOW.date())
    assert await texts(store, number) == ["flow OR diffusion", "flow or diffusion"]


async def test_a_topic_kept_today_is_left_alone(store: Store) -> None:
    number = await subscribe(store, "me", NOW, kind="topics", topics=["author:hinton"])
    assert await upgrade_topics(store, NOW) == 0
    assert await texts(store, number) == ["author:hinton"] and await notices(store) == []


@pytest.mark.parametrize("count", [11, 30])
async def test_of_many_the_first_ten_are_named(store: Store, count: int) -> None:
    await keep(store, "me", *(f"author:name{n}" for n in range(count)))
    await upgrade_topics(store, NOW)
    [(_, text)] = await notices(store)
    assert len(text.splitlines()) == 12 and text.endswith(f"and {count - 10} more")
