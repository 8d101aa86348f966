"""Five hundred people search at the same moment: some find papers within seconds, others hear at
once that many search, and nothing else waits for that."""

import pytest

from bot.store import searches
from tests.chaos.harness import Bot, Json, Peers, say, until

PEOPLE, FIRST = 500, 10_000
HELP, TODAY = 777, 778  # others, who come after the crowd
POSTS_TO = 999_999  # and further


@pytest.mark.parametrize("platform", ["telegram", "discord"])
def test_what_others_ask_does_not_wait_for_500_searches(
    bot: Bot, peers: Peers, platform: str
) -> None:
    bot.crowd(platform, "%d" if platform == "telegram" else "c%d", 3000)
    with bot.running():
        assert until(lambda: peers.counts().get(f"{platform} accepted", 0) > 20, 20), bot.tail()
        crowd = range(FIRST, FIRST + PEOPLE)
        begin = peers.says(platform, crowd[0], "/search language model")
        peers.all_say((platform, who, "/search language model") for who in crowd[1:])
        peers.says(platform, HELP, "/help")
        peers.says(platform, TODAY, "/today")
        # Telegram takes so few answers a second that the last of these need half a minute.
        enough = PEOPLE if platform == "discord" else PEOPLE // 3
        assert until(lambda: len(_heard(_told(peers, platform))) >= enough, 40), bot.tail()
        told = _told(peers, platform)
    heard = _heard(told)
    posts = [at for who, at, _ in told if who >= POSTS_TO and at > begin]
    sorry = {who for who, _, text in told if "Many people search" in text}
    order, found = sorted(heard, key=lambda who: heard[who]), set(crowd) & heard.keys() - sorry
    say(f"{platform}: /help after {heard[HELP] - begin:.2f} s; {len(found)} searches, the last "
        f"after {max(heard[who] for who in found) - begin:.2f} s; {len(heard)} answers and "
        f"{len(posts)} posts in {max(heard.values()) - begin:.1f} s")  # fmt: skip
    assert {HELP, TODAY} <= heard.keys()
    assert posts
    assert 2 <= len(found) <= 2 * searches.WAITING  # some end while the crowd still comes
    if platform == "telegram":  # there answers wait for each other
        assert max(order.index(HELP), order.index(TODAY)) < PEOPLE // 4
        assert order.index(max(found, key=order.index)) < PEOPLE // 3
        assert len([who for who, _, _ in told if who < POSTS_TO]) == len(heard)


def _told(peers: Peers, platform: str) -> list[tuple[int, float, str]]:
    named = ["telegram"] if platform == "telegram" else ["discord", "discord answers"]
    entries: list[Json] = [entry for name in named for entry in peers.ledger(name)]
    return [(int(e["chat"].lstrip("cu")), e["at"], e["text"]) for e in entries]


def _heard(told: list[tuple[int, float, str]]) -> dict[int, float]:
    """When each person heard something first."""
    return {who: at for who, at, _ in reversed(told) if who < POSTS_TO}
