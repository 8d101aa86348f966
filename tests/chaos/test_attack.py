"""One person asks fifty times a second: another is answered as ever, and the posts go on.

What the clock of this machine decides is printed, and asserted only under CHAOS_RATES=1. With
CHAOS_STORE=PATH a copy of that store is attacked; it is meant to have many papers.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.chaos.harness import Bot, Peers, say, until
from tests.chaos.test_ceilings import rate

RATES = os.environ.get("CHAOS_RATES") == "1"
SECONDS = 60 if RATES else 4
A_SECOND = 50
GROWN = 10e6  # bytes that the store may grow by
PACES = {"telegram": 27.4, "discord": 44.1}  # posts a second while nobody asks, on two cores
ATTACKER, OTHER, GROUP = 666, 777, -1001234567890
SEARCH = "/search model " + " ".join(f"-{chr(97 + n % 26)}{n}" for n in range(60))
COMMON = "/search the of and to in we a for is on that with as by this are -" + "e" * 80


@dataclass(frozen=True)
class Attack:
    """The n-th thing that the attacker does."""

    words: Callable[[int], str]
    does: str = "says"
    platforms: tuple[str, ...] = ("telegram", "discord")
    group: int = 0
    people: int = 1  # who do it in turn
    left: float = 0.9  # of the posts' pace


ATTACKS = {
    "help": Attack(lambda n: "/help"),
    "unknown papers": Attack(lambda n: f"/paper 2401.{n:05}"),
    "long searches": Attack(lambda n: f"{SEARCH[:280]} {n}"),
    "common words": Attack(lambda n: f"{COMMON} {n}"),
    "typing": Attack(lambda n: f"/search mo{n % 900}"[:12], "types", ("discord",)),
    "typing a paper": Attack(lambda n: f"/paper 2{n % 10}", "types", ("discord",)),
    "days": Attack(lambda n: f"/date 2024-{n % 12 + 1:02}-{n % 28 + 1:02}"),
    "topics": Attack(lambda n: f"/subscribe subject {n}"),
    "similar": Attack(lambda n: f"/similar language model {n}"),
    "trending": Attack(lambda n: "/trending"),
    "trending in a group": Attack(lambda n: "/trending", "says", ("telegram",), GROUP),
    "a group of many": Attack(lambda n: "/week", "says", ("telegram",), GROUP, 3000),
    "forged buttons": Attack(lambda n: f"resend-{n % 9}-t{n}_abcdefgh", "presses"),
    "forged pages": Attack(lambda n: f"search-{n % 9 + 1}-tmodel{n}", "presses"),
    "the longest words": Attack(lambda n: f"/search {chr(0x4E00 + n % 900) * 4000}"),
    "its own data": Attack(lambda n: "/mydata"),
    "forgotten": Attack(lambda n: ("/subscribe a", "/forgetme yes")[n % 2]),
    "set up": Attack(lambda n: f"/setup 09:{n % 60:02} UTC", "says", ("telegram",)),
    "edits": Attack(lambda n: f"/search model {n}", "edits", ("telegram",)),
    "a few searchers": Attack(lambda n: f"{SEARCH[:280]} {n}", people=5, left=0.8),
}  # fmt: skip
ALL = [(name, where) for name, attack in ATTACKS.items() for where in attack.platforms]


@pytest.mark.parametrize(("name", "platform"), ALL)
def test_another_person_is_answered_and_the_posts_go_on(
    bot: Bot, peers: Peers, platform: str, name: str
) -> None:
    bot.crowd(platform, "%d" if platform == "telegram" else "c%d", 50 * (SECONDS + 40))
    before = bot.path.stat().st_size
    with bot.running():
        assert until(lambda: peers.counts().get(f"{platform} accepted", 0) > 20, 20), bot.tail()
        asked = _attack(peers, platform, ATTACKS[name])
        assert until(lambda: len(_answers(peers, platform)) >= len(asked), 10), bot.tail()
        heard = zip(asked, _answers(peers, platform), strict=False)
        waits = [at - begin for begin, at in heard]
        pace = rate(peers, platform)
    grown = bot.path.stat().st_size - before
    searches, helps = _p99(waits[::2]), _p99(waits[1::2])
    say(f"{platform}, {name}: p99 of /search {searches:.2f} s, of /help {helps:.2f} s; "
        f"posts {pace:.1f}/s; {grown / 1e6:.1f} MB; "
        + bot.tail().splitlines()[-1].partition("longest")[2])  # fmt: skip
    assert not [name for name in peers.counts() if "429" in name], bot.tail()
    assert grown < GROWN
    if RATES:
        assert max(searches, helps) < 2.0
        assert pace > PACES[platform] * ATTACKS[name].left


def _p99(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)]


def _attack(peers: Peers, platform: str, attack: Attack) -> list[float]:
    """Returns when the other person asked."""
    asked, begin = list[float](), time.monotonic()
    more = {"does": attack.does} | ({"group": attack.group} if attack.group else {})
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
