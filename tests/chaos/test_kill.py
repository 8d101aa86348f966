"""The program is killed at any moment: nothing is lost in silence, nothing is said twice.

CHAOS_KILLS=200 CHAOS_SEED=7 for more kills, or others.
"""

import os
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from tests.chaos.child import STEPS
from tests.chaos.harness import Bot, Peers, say, until

KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "3"))
WAITING = 60  # deliveries on each platform before each start


def kills(rng: random.Random) -> list[str]:
    """Every step equally often, and as often as all of them a moment without a name."""
    named = [step for step in STEPS for _ in range(max(1, KILLS // (2 * len(STEPS))))]
    plan = named[:KILLS] + [""] * (KILLS - len(named))
    rng.shuffle(plan)
    return plan


def top_up(bot: Bot) -> None:
    """Every delivery has an address of its own, so that the ledger tells them apart."""
    states = Counter(row["platform"] for row in bot.rows() if row["state"] in ("pending", "retry"))
    known = len(bot.rows()) // 2
    for platform, address in (("telegram", "{}"), ("discord", "c{}")):
        new = range(known + 1000, known + 1000 + WAITING - states[platform])
        bot.seed((platform, address.format(number)) for number in new)


def killed(bot: Bot, step: str, rng: random.Random) -> None:
    process = bot.start(step, rng.randint(1, 16))
    if not step:
        time.sleep(rng.uniform(0.05, 1.2))
        process.kill()
    process.join(20)
    if process.exitcode is None and not bot.unfinished():  # busy machines send it in fewer rounds
        say(f"{step} was passed less often: killed when all was sent")
        process.kill()
        process.join(20)
    assert process.exitcode == -9, f"{step} was not passed: {process.exitcode}; {bot.tail()}"


def test_kill_9_at_any_moment(bot: Bot, peers: Peers) -> None:
    say(f"CHAOS_SEED={SEED} CHAOS_KILLS={KILLS}")
    rng = random.Random(SEED)
    peers.reset(strict=False)  # a start takes a tenth of the real time: no window would be true
    for step in kills(rng):
        top_up(bot)
        killed(bot, step, rng)
        assert bot.damage() == "ok", f"after {step or 'a random moment'}"
    with bot.running():
        assert until(lambda: not bot.unfinished(), 150), bot.tail()
    say(peers.counts(), Counter((row["platform"], row["state"]) for row in bot.rows()))
    assert bot.damage() == "ok"
    assert "Traceback" not in bot.log.read_text(), bot.log
    assert peers.counts()["discord duplicate"], "no kill tested the nonce"
    on_discord(bot, peers)
    on_telegram(bot, peers)


@pytest.mark.parametrize("step", ["after_intent", "after_written", "after_answer"])
def test_when_the_nonce_is_forgotten_the_channel_itself_is_read(
    bot: Bot, peers: Peers, step: str
) -> None:
    bot.seed(("discord", f"c{number}") for number in range(1000, 1040))
    process = bot.start(step, 4)
    process.join(20)
    doubtful = [row["address"] for row in bot.rows() if row["state"] == "sending"]
    assert doubtful
    peers.forget_nonces()
    with bot.running(ahead=timedelta(hours=1)):
        assert until(lambda: not bot.unfinished(), 60), bot.tail()
    assert {row["state"] for row in bot.rows()} == {"sent"}
    on_discord(bot, peers)


def on_discord(bot: Bot, peers: Peers) -> None:
    """Nothing lost, nothing repeated; a repeat is the same message."""
    heard = Counter(entry["chat"] for entry in peers.ledger("discord"))
    rows = {row["address"]: row for row in bot.rows() if row["platform"] == "discord"}
    assert {row["state"] for row in rows.values()} == {"sent"}
    assert heard == Counter(rows.keys())
    assert proofs(peers, "discord") == {row["address"]: row["message_id"] for row in rows.values()}
    assert not peers.counts().get("discord changed")


def on_telegram(bot: Bot, peers: Peers) -> None:
    """Nothing repeated; what may be lost is `unknown`."""
    heard = Counter(entry["chat"] for entry in peers.ledger("telegram"))
    rows = {row["address"]: row for row in bot.rows() if row["platform"] == "telegram"}
    assert max(heard.values()) == 1
    assert set(heard) <= set(rows)
    assert {row["state"] for row in rows.values()} == {"sent", "unknown"}
    assert {a for a, row in rows.items() if a not in heard and row["state"] != "unknown"} == set()
    proof = proofs(peers, "telegram")
    for address, row in rows.items():
        assert row["state"] == "unknown" or row["message_id"] == proof[address]


def proofs(peers: Peers, platform: str) -> dict[str, str]:
    return {entry["chat"]: str(entry["message_id"]) for entry in peers.ledger(platform)}
