"""One person asks fifty times a second: another is answered as ever, and the posts go on.

What the clock of this machine decides is printed, and asserted only under CHAOS_RATES=1. With
CHAOS_STORE=PATH a copy of that store is attacked; it is meant to have many papers.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

import pytest

from tests.chaos.harness import Bot, Peers, say, until

RATES = os.environ.get("CHAOS_RATES") == "1"
SECONDS = int(os.environ.get("CHAOS_SECONDS", "60" if RATES else "4"))
QUIET = max(6, SECONDS // 6) if RATES else 0  # seconds without the attacker, before and after
A_SECOND = 50
GROWN = 10e6  # bytes that the store may grow by
POSTS_TO = 999_999  # and further: the addresses of the posts' places
ATTACKER, OTHER, GROUP = 666, 777, -1001234567890
SEARCH = "/search model " + " ".join(f"-{chr(97 + n % 26)}{n}" for n in range(60))
MISSPELT = "/search " + " ".join(f"lagnuage{n}mdoel" for n in range(14))
OR = "/search (b OR the) (c OR model OR e) (f OR of) after:2020"
FILTERS = "/search the model has:code sort:new after:2020"
SWITCHES = ("/pause", "/resume", "/deliveries", "/settings")
TOPICS = ("/subscriptions", "/unsubscribe model")
COMMON = "/search the of and to in we a for is on that with as by this are -" + "e" * 80


@dataclass(frozen=True)
class Attack:
    """The n-th thing that the attacker does."""

    words: Callable[[int], str]
    does: str = "says"
    platforms: tuple[str, ...] = ("telegram", "discord")
    group: int = 0
    people: int = 1  # who do it in turn
    first: str = ""  # what the attacker says before


ATTACKS = {
    "help": Attack(lambda n: "/help"),
    "unknown papers": Attack(lambda n: f"/paper 2401.{n:05}"),
    "long searches": Attack(lambda n: f"{SEARCH[:280]} {n}"),
    "common words": Attack(lambda n: f"{COMMON} {n}"),
    "misspelt": Attack(lambda n: f"{MISSPELT} {n}"),
    "alternatives": Attack(lambda n: f"{OR} a{n}"),
    "filters": Attack(lambda n: f"{FILTERS} votes:{n % 90}"),
    "nothing found": Attack(lambda n: f'/search "qzx{n} vbw{n}" author:nobody{n} cat:cs.CL'),
    "plain words": Attack(lambda n: f"language models {n}", "says", ("telegram",)),
    "typing": Attack(lambda n: f"/search mo{n % 900}"[:12], "types", ("discord",)),
    "typing a paper": Attack(lambda n: f"/paper 2{n % 10}", "types", ("discord",)),
    "typing a title": Attack(lambda n: f"/similar lan{n % 90}", "types", ("discord",)),
    "typing a day": Attack(lambda n: f"/date 202{n % 6}", "types", ("discord",)),
    "typing a zone": Attack(lambda n: f"/setup sao {n % 90}", "types", ("discord",)),
    "days": Attack(lambda n: f"/date 2024-{n % 12 + 1:02}-{n % 28 + 1:02}"),
    "topics": Attack(lambda n: f"/subscribe subject {n}"),
    "similar": Attack(lambda n: f"/similar language model {n}"),
    "weeks": Attack(lambda n: f"/week 2024-W{n % 50 + 1:02}", "says", ("telegram",)),
    "trending": Attack(lambda n: "/trending"),
    "trending in a group": Attack(lambda n: "/trending", "says", ("telegram",), GROUP),
    "a group of many": Attack(lambda n: "/week", "says", ("telegram",), GROUP, 3000),
    "forged buttons": Attack(lambda n: f"resend-{n % 9}-t{n}_abcdefgh", "presses"),
    "forged pages": Attack(lambda n: f"search-{n % 9 + 1}-tmodel{n}", "presses"),
    "buttons on others": Attack(lambda n: f"settings-1@{10**17 + n}", "presses", ("discord",)),
    "buttons on chats": Attack(lambda n: f"settings-1~-100{10**9 + n}", "presses", ("telegram",)),
    "others' settings": Attack(lambda n: f"/settings -100{10**9 + n}", "says", ("telegram",)),
    "links": Attack(lambda n: f"/start search-1-tmodel{n}", "says", ("telegram",)),
    "unknown commands": Attack(lambda n: f"/serach{n}", "says"),
    "posts by hand": Attack(lambda n: ("postnow-1", "resume-1")[n % 2], "presses", first="/setup"),
    "previews": Attack(lambda n: "/preview", first="/subscribe model"),
    "switches": Attack(lambda n: SWITCHES[n % 4], first="/setup"),
    "its topics": Attack(lambda n: TOPICS[n % 2], first="/subscribe model"),
    "joins": Attack(lambda n: f"Group {n}", "joins", ("telegram",), GROUP),
    "the longest words": Attack(lambda n: f"/search {chr(0x4E00 + n % 900) * 4000}"),
    "its own data": Attack(lambda n: "/mydata"),
    "forgotten": Attack(lambda n: ("/subscribe a", "/forgetme yes")[n % 2]),
    "set up": Attack(lambda n: f"/setup 09:{n % 60:02} UTC", "says", ("telegram",)),
    "edits": Attack(lambda n: f"/search model {n}", "edits", ("telegram",)),
    "a few searchers": Attack(lambda n: f"{SEARCH[:280]} {n}", people=5),
}  # fmt: skip
# One of each kind, where the clock is not asserted: all of them take half an hour and more.
SHORT = ("help", "unknown papers", "long searches", "typing", "topics", "trending in a group",
         "forged buttons", "buttons on others", "its own data", "switches")  # fmt: skip
CHOSEN = ATTACKS if RATES else SHORT
ALL = [(name, where) for name in CHOSEN for where in ATTACKS[name].platforms]


@pytest.mark.parametrize(("name", "platform"), ALL)
def test_another_person_is_answered_and_the_posts_go_on(
    bot: Bot, peers: Peers, platform: str, name: str
) -> None:
    bot.crowd(platform, "%d" if platform == "telegram" else "c%d", 50 * (SECONDS + 2 * QUIET + 40))
    before = bot.path.stat().st_size
    with bot.running():
        assert until(lambda: peers.counts().get(f"{platform} accepted", 0) > 20, 20), bot.tail()
        time.sleep(1.0)  # in the first second, the requests of the login stand beside the posts
        spans = [(time.monotonic(), QUIET)]
        time.sleep(QUIET)
        spans.append((time.monotonic(), SECONDS))
        asked = _attack(peers, platform, ATTACKS[name])
        assert until(lambda: len(_answers(peers, platform)) >= len(asked), 10), bot.tail()
        spans.append(
            (time.monotonic() + 2.0, QUIET)
        )  # the last answers still count for two seconds
        time.sleep(QUIET + 2.0 if QUIET else 0.0)
        heard = zip(asked, _answers(peers, platform), strict=False)
        waits = [at - begin for begin, at in heard]
        paces = [_pace(peers, platform, *span) for span in spans]
    grown = bot.path.stat().st_size - before
    searches, helps = _p99(waits[::2]), _p99(waits[1::2])
    left = paces[1] / mean([paces[0], paces[2]]) if QUIET else 1.0
    say(f"{platform} | {name} | {searches:.2f} | {helps:.2f} | {paces[1]:.1f} | {left:.0%} | "
        f"{grown / 1e6:.1f} | {bot.tail().splitlines()[-1].partition('longest')[2]}")  # fmt: skip
    assert not [name for name in peers.counts() if "429" in name], bot.tail()
    assert grown < GROWN
    if RATES:
        assert max(searches, helps) < 2.0
        assert left >= 0.9


def _pace(peers: Peers, platform: str, begin: float, seconds: float) -> float:
    """Posts a second in that span: answers are none."""
    posts = [e["at"] for e in peers.ledger(platform) if int(e["chat"].lstrip("cu")) >= POSTS_TO]
    return sum(begin <= at < begin + seconds for at in posts) / seconds if seconds else 0.0


def _p99(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)]


def _attack(peers: Peers, platform: str, attack: Attack) -> list[float]:
    """Returns when the other person asked."""
    asked, begin = list[float](), time.monotonic()
    more = {"does": attack.does} | ({"group": attack.group} if attack.group else {})
    if attack.first:
        peers.says(platform, ATTACKER * 1000, attack.first)
    for n in range(SECONDS * A_SECOND):
        peers.says(platform, ATTACKER * 1000 + n % attack.people, attack.words(n), **more)
        if n % (2 * A_SECOND) == A_SECOND:
            told = "/help" if len(asked) % 2 else "/search language model"
            asked.append(peers.says(platform, OTHER, told))
        time.sleep(max(0.0, begin + (n + 1) / A_SECOND - time.monotonic()))
    return asked


def _answers(peers: Peers, platform: str) -> list[float]:
    """When the other person heard something."""
    ledger, chat = (
        ("telegram", str(OTHER)) if platform == "telegram" else ("discord answers", f"u{OTHER}")
    )
    return [entry["at"] for entry in peers.ledger(ledger) if entry["chat"] == chat]
