"""At the platforms' ceilings, on the platforms' own clocks, without one 429.

What the clock of this machine decides is printed, and asserted only under CHAOS_RATES=1.
"""

import os
import random
import signal
import time
from collections.abc import Iterator

from tests.chaos.harness import Bot, Peers, say, until

RATES = os.environ.get("CHAOS_RATES") == "1"
SEED = int(os.environ.get("CHAOS_SEED", "3"))
SECONDS = 6
WAITING = 100_000 if RATES else 5000  # bulk posts, while people ask
ASKING = 200 if RATES else 20  # people, on each platform
MOST_AT_ONCE = 8  # posts in flight on one platform; answers to people come on top


def work(seconds: int) -> Iterator[tuple[str, str]]:
    """More than can be sent in that time: most chats have one message, some have several."""
    for number in range(seconds * 28):
        yield "telegram", str(1000 + number)
        if number % 10 == 0:
            yield from [("telegram", str(1000 + number))] * 2  # 1/s in a private chat
        if number % 20 == 0:
            yield from [("telegram", str(-1000 - number))] * 2  # 1 per 3 s in a group
    for number in range(seconds * 45):
        yield "discord", f"c{1000 + number}"
        if number % 30 == 0:
            yield from [("discord", f"c{1000 + number}")] * 6  # 5 per 5 s in a channel


def rate(peers: Peers, platform: str) -> float:
    """Messages a second once it runs: without the burst of the first second."""
    times = [entry["at"] for entry in peers.ledger(platform)]
    begin, end = times[0] + 1.0, times[-1]
    return sum(at >= begin for at in times) / (end - begin) if end > begin else 0.0


def unlimited(bot: Bot, peers: Peers) -> None:
    """No answer was a 429, so no window was broken: not over all, and not for one chat."""
    counts = peers.counts()
    limited = {name: number for name, number in counts.items() if "429" in name}
    assert not limited, (counts, bot.tail())
    assert counts.get("discord duplicate", 0) == 0


def stall(process: int, seconds: float, rng: random.Random) -> None:
    """Stop the process now and then, for as long as a busy machine might."""
    end = time.monotonic() + seconds
    for pause in [0.2, 3.0, *(rng.uniform(0.2, 1.5) for _ in range(20))]:
        time.sleep(rng.uniform(0.3, 0.9))
        if time.monotonic() > end:
            return
        os.kill(process, signal.SIGSTOP)
        time.sleep(pause)
        os.kill(process, signal.SIGCONT)


def test_both_platforms_at_their_ceilings_without_a_429(bot: Bot, peers: Peers) -> None:
    bot.seed(work(SECONDS + 2), kind="notice")
    with bot.running():
        assert until(lambda: peers.counts().get("discord accepted"), 20), bot.tail()
        time.sleep(SECONDS)
    telegram, discord = rate(peers, "telegram"), rate(peers, "discord")
    say(f"telegram {telegram:.1f}/s discord {discord:.1f}/s", peers.counts())
    unlimited(bot, peers)
    assert peers.counts()["telegram peak"] <= MOST_AT_ONCE
    assert peers.counts()["discord peak"] <= MOST_AT_ONCE
    if RATES:
        assert telegram >= 27
        assert discord >= 43


def test_a_stalled_process_does_not_catch_up_in_a_burst(bot: Bot, peers: Peers) -> None:
    rng = random.Random(SEED)
    bot.seed(work(SECONDS), kind="notice")
    with bot.running() as process:
        assert until(lambda: peers.counts().get("discord accepted"), 20), bot.tail()
        stall(process, SECONDS + 3, rng)
        time.sleep(1.0)
    say(f"CHAOS_SEED={SEED}", peers.counts())
    unlimited(bot, peers)


def test_a_burst_to_500_discord_channels_arrives_whole(bot: Bot, peers: Peers) -> None:
    bot.seed(("discord", f"c{number}") for number in range(1000, 1500))
    with bot.running():
        assert until(lambda: not bot.unfinished(), 60), bot.tail()
    times = [entry["at"] for entry in peers.ledger("discord")]
    say(f"500 channels in {times[-1] - times[0]:.1f} s; 45/s would be {(500 - 45) / 45:.1f} s")
    assert len({entry["chat"] for entry in peers.ledger("discord")}) == len(times) == 500
    assert {row["state"] for row in bot.rows()} == {"sent"}
    unlimited(bot, peers)


def test_a_person_is_answered_while_bulk_waits(bot: Bot, peers: Peers) -> None:
    bot.crowd("telegram", "%d", WAITING // 2)
    bot.crowd("discord", "c%d", WAITING // 2)
    asked = {}
    with bot.running():
        assert until(lambda: peers.counts().get("telegram accepted", 0) > 20, 20), bot.tail()
        assert until(lambda: peers.counts().get("discord accepted", 0) > 20, 20), bot.tail()
        for person in range(500, 500 + ASKING):
            asked[str(person)] = peers.says("telegram", person, "/today")
            asked[f"u{person}"] = peers.says("discord", person, "/today")
            time.sleep(0.12)
        everyone = until(lambda: asked.keys() <= heard(peers).keys(), 10)
    answered = heard(peers)
    assert everyone, (asked.keys() - answered.keys(), bot.tail())
    unlimited(bot, peers)
    for platform, people in (("telegram", list(asked)[::2]), ("discord", list(asked)[1::2])):
        waits = sorted(answered[person] - asked[person] for person in people)
        late = waits[int(len(waits) * 0.99)]
        say(f"{platform}: median {waits[len(waits) // 2]:.3f} s, p99 of {len(waits)} {late:.3f} s")
        assert not RATES or late < 1.0
    say(f"posts meanwhile: telegram {rate(peers, 'telegram'):.1f}/s "
        f"discord {rate(peers, 'discord'):.1f}/s; {bot.tail().splitlines()[-1]}")  # fmt: skip


def heard(peers: Peers) -> dict[str, float]:
    """When the first message came, for each Telegram chat and each person on Discord."""
    told = peers.ledger("telegram") + peers.ledger("discord answers")
    return {entry["chat"]: entry["at"] for entry in reversed(told)}
