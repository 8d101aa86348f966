"""One person asks fifty times a second: another is answered as ever, and the posts go on.

What the clock of this machine decides is printed, and asserted only under CHAOS_RATES=1.
"""

import os
import time
from collections.abc import Callable

import pytest

from tests.chaos.harness import Bot, Peers, say, until
from tests.chaos.test_ceilings import rate

RATES = os.environ.get("CHAOS_RATES") == "1"
SECONDS = 60 if RATES else 5
A_SECOND = 50
ATTACKER, OTHER = 666, 777
SEARCH = "/search model " + " ".join(f"-{chr(97 + n % 26)}{n}" for n in range(60))
ATTACKS: dict[str, Callable[[int], str]] = {
    "help": lambda n: "/help",
    "unknown papers": lambda n: f"/paper 2401.{n:05}",
    "long searches": lambda n: f"{SEARCH[:280]} {n}",
    "days": lambda n: f"/date 2024-{n % 12 + 1:02}-{n % 28 + 1:02}",
    "topics": lambda n: f"/subscribe subject {n}",
}


@pytest.mark.parametrize("platform", ["telegram", "discord"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_another_person_is_answered_and_the_posts_go_on(
    bot: Bot, peers: Peers, platform: str, attack: str
) -> None:
    bot.crowd(platform, "%d" if platform == "telegram" else "c%d", 28 * (SECONDS + 40))
    with bot.running():
        assert until(lambda: peers.counts().get(f"{platform} accepted", 0) > 20, 20), bot.tail()
        before = bot.path.stat().st_size
        asked = _attack(peers, platform, ATTACKS[attack])
        assert until(lambda: len(_answers(peers, platform)) >= len(asked), 10), bot.tail()
        waits = sorted(
            heard - said for said, heard in zip(asked, _answers(peers, platform), strict=False)
        )
        pace = rate(peers, platform)
        grown = bot.path.stat().st_size - before
    worst = waits[int(len(waits) * 0.99)]
    say(f"{platform}, {attack}: the other's p99 {worst:.2f} s of {len(waits)}; posts {pace:.1f}/s; "
        f"{grown / 1e6:.1f} MB")  # fmt: skip
    assert not [name for name in peers.counts() if "429" in name], bot.tail()
    assert grown < 10e6
    if RATES:
        assert worst < 2.0
        assert pace > (25 if platform == "telegram" else 40)


def _attack(peers: Peers, platform: str, words: Callable[[int], str]) -> list[float]:
    """Returns when the other person asked."""
    asked, begin = list[float](), time.monotonic()
    for n in range(SECONDS * A_SECOND):
        peers.says(platform, ATTACKER, words(n))
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
