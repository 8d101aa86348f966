"""Each fault of the network ends in the state that the platform's promises allow."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from tests.chaos.harness import Bot, Peers, until

PATIENCE = 2.0  # seconds the program waits for an answer here
SLOW = {"kind": "slow", "seconds": 2 * PATIENCE, "after": True}  # for a 20 s answer
LOST: list[dict[str, Any]] = [  # nobody knows whether the message arrived
    *({"kind": kind, "after": after} for kind, after in product(("reset", "hang"), (False, True))),
    *({"kind": "status", "status": status, "after": after}
      for status, after in product((500, 502, 503, 504), (False, True))),
    {"kind": "truncated", "after": True},
    SLOW,
]  # fmt: skip
WAIT = [{"kind": "limit", "scope": scope} for scope in ("chat", "global", "cloudflare")]
BLAMED = [{"kind": kind} for kind in ("gone", "missing", "malformed")]


@dataclass(frozen=True)
class Case:
    """One fault on one message: the state it ends in, and how often the message arrived."""

    platform: str
    fault: Mapping[str, Any]
    state: str
    copies: int
    arrives: str = ""  # the address it arrives at, when it is another

    def __str__(self) -> str:
        words = [str(word) for word in self.fault.values() if not isinstance(word, bool)]
        return " ".join([self.platform, *words, "after" if self.fault.get("after") else "before"])


def cases() -> list[Case]:
    found = []
    for fault in LOST:
        # Telegram has no key that it would recognise; Discord takes the same nonce once.
        found.append(Case("telegram", fault, "unknown", int(fault["after"])))
        found.append(Case("discord", fault, "sent", 1))
    for platform in ("telegram", "discord"):
        # Once it may be the platform's own trouble, or the form; a second time it is believed.
        found += [Case(platform, fault, "sent", 1) for fault in BLAMED]
        found += [Case(platform, fault | {"times": 2}, "dead", 0) for fault in BLAMED]
        found.append(Case(platform, {"kind": "slow", "seconds": 0.5, "after": True}, "sent", 1))
    found.append(Case("telegram", {"kind": "moved", "to": "-100777"}, "sent", 1, "-100777"))
    return found


CASES = cases()


@dataclass
class Outcome:
    row: sqlite3.Row
    copies: int


@pytest.fixture(scope="module")
def run(both_peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    both_peers.reset()
    bot = Bot(tmp_path_factory.mktemp("faults"), both_peers)
    return met(bot, both_peers)


def met(bot: Bot, peers: Peers) -> dict[str, Outcome]:
    """One process meets every fault, each in a chat of its own."""
    places = []
    for number, case in enumerate(CASES, 1000):
        sign = "-" if case.arrives else ""
        places.append((case.platform, f"{'c' if case.platform == 'discord' else sign}{number}"))
        peers.fault(case.platform, chat=places[-1][1], **case.fault)
    bot.seed(places)
    with bot.running(patience=PATIENCE):
        assert until(lambda: not bot.unfinished(), 60), bot.tail()
    heard = [e["chat"] for platform in ("telegram", "discord") for e in peers.ledger(platform)]
    return {
        str(case): Outcome(row, heard.count(case.arrives or place))
        for case, row, (_, place) in zip(CASES, bot.rows(), places, strict=True)
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_ends_in_its_state(run: dict[str, Outcome], case: Case) -> None:
    outcome = run[str(case)]
    assert outcome.row["state"] == case.state, outcome.row["reason"]
    assert outcome.copies == case.copies
    assert outcome.row["address"] == (case.arrives or outcome.row["address"])
    if case.state != "sent":
        assert outcome.row["reason"]


def both(count: int) -> list[tuple[str, str]]:
    return [
        place
        for n in range(count)
        for place in (("telegram", f"{n + 1}"), ("discord", f"c{n + 1}"))
    ]


def all_sent_once(bot: Bot, peers: Peers) -> None:
    assert {(row["platform"], row["state"]) for row in bot.rows()} == {
        ("telegram", "sent"), ("discord", "sent"),
    }, bot.tail()  # fmt: skip
    heard = [e["chat"] for platform in ("telegram", "discord") for e in peers.ledger(platform)]
    assert sorted(heard) == sorted(address for _, address in both(len(heard) // 2))
    assert len(heard) == len(bot.rows())


def test_where_nobody_listens_posts_wait_and_none_is_doubted(bot: Bot, peers: Peers) -> None:
    bot.seed(both(120))
    with bot.running() as process:
        assert until(lambda: peers.counts().get("discord accepted", 0) > 5, 20), bot.tail()
        assert until(lambda: peers.counts().get("telegram accepted", 0) > 5, 20), bot.tail()
        with bot.frozen(process):
            for platform in ("telegram", "discord"):
                peers.fault(platform, "refuse", seconds=1.5)
        assert until(lambda: not bot.unfinished(), 60), bot.tail()
    all_sent_once(bot, peers)
    again = {row["platform"] for row in bot.rows() if row["attempts"] > 1}
    assert again == {"telegram", "discord"}, "nothing was refused"


@pytest.mark.parametrize("fault", WAIT, ids=lambda fault: fault["scope"])
def test_a_429_pauses_what_it_names(bot: Bot, peers: Peers, fault: dict[str, str]) -> None:
    bot.seed(both(60))  # more than one second's share: unpaused, the rest would go in the next
    peers.fault("discord", seconds=2.0, **fault)
    if fault["scope"] != "cloudflare":  # a page without a time: Telegram is left alone for long
        peers.fault("telegram", seconds=2.0, **fault)
    with bot.running():
        assert until(lambda: not bot.unfinished(), 90), bot.tail()
    all_sent_once(bot, peers)
    for at, platform, _, chat in peers.fired():
        during = [e for e in peers.ledger(platform) if at + 0.3 < e["at"] < at + 1.9]
        if platform == "telegram" or fault["scope"] == "chat":  # Telegram never says of what
            assert chat not in {entry["chat"] for entry in during}
        else:
            assert not during, "the whole platform should have been quiet"
