"""The day's list is collected and posted while people spend the feed's quota, or are refused."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.store import opened
from tests.chaos.feed import QUOTA, Feed, served
from tests.chaos.harness import Bot, Peers, say, until
from tests.fakes import subscribe

PLACES, ATTACKERS, A_SECOND, SECONDS = 20, 200, 50, 3
FIRST_PLACE, FIRST_ATTACKER = 2_000_000, 600_000


def _afternoon() -> datetime:
    """Of the next Wednesday: a day that has a list, and is not over."""
    now = datetime.now(UTC)
    day = now + timedelta(days=(2 - now.weekday()) % 7 + 7)
    return day.replace(hour=17, minute=0, second=0, microsecond=0)


async def _subscribed(bot: Bot, due: datetime) -> None:
    async with opened(bot.path) as store:
        for n in range(PLACES):
            await subscribe(store, str(FIRST_PLACE + n), due - timedelta(minutes=1),
                            platform="telegram", time=f"{due:%H:%M}")  # fmt: skip


@pytest.mark.parametrize("limited", [False, True])
def test_the_days_list_is_posted_while_people_ask_for_what_is_not_stored(
    bot: Bot, peers: Peers, limited: bool
) -> None:
    due = _afternoon()
    asyncio.run(_subscribed(bot, due))
    with served(Feed(str(due.date()), limited)) as feed:
        bot.env["HF_API_BASE"] = f"http://127.0.0.1:{feed.port}"
        with bot.running(ahead=due + timedelta(seconds=1) - datetime.now(UTC)):
            assert until(lambda: feed.counts["held"], 20), bot.tail()
            _attack(peers, range(A_SECOND * SECONDS // 2))
            assert not _posted(peers)
            published = time.monotonic()
            feed.published.set()
            _attack(peers, range(A_SECOND * SECONDS // 2, A_SECOND * SECONDS))
            assert until(lambda: len(_posted(peers)) == PLACES, 15), bot.tail()
            took = max(_posted(peers)) - published
    say(f"posted {took:.1f} s after it was published; the feed was asked {dict(feed.counts)}")
    assert bool(feed.counts["429"]) == limited
    assert feed.counts["papers"] + feed.counts["old days"] > 1
    assert feed.counts.total() < QUOTA // 2


def _posted(peers: Peers) -> list[float]:
    return [e["at"] for e in peers.ledger("telegram") if int(e["chat"]) >= FIRST_PLACE]


def _attack(peers: Peers, numbers: range) -> None:
    """Each time another person, mostly for a day, else for a paper, that nobody asked for yet."""
    begin = time.monotonic()
    for n in numbers:
        words = f"/date {date(2023, 6, 1) + timedelta(days=n)}" if n % 8 else f"/paper 2401.{n:05}"
        peers.says("telegram", FIRST_ATTACKER + n % ATTACKERS, words)
        left = begin + (n - numbers[0] + 1) / A_SECOND - time.monotonic()
        time.sleep(max(0.0, left))
