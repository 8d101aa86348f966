"""What is personal: topics, the right to see everything kept, and to have it erased."""

import pytest

from bot import buttons, rendering
from bot.dialogue import Message
from bot.digest import Digest, Item
from bot.model import TOPICS, Destination
from bot.states import What
from bot.store import people, subscriptions
from tests.commands.conftest import Bot, button, labels, titles, today
from tests.fakes import at, on, paper, papers_of
from tests.stored import add

ME = Destination("discord", "u1")


async def topics(bot: Bot, person: str = "u1") -> list[str]:
    one = await subscriptions.get(bot.store, Destination("discord", person), TOPICS)
    return [t.text for t in await subscriptions.topics(bot.store, one.id)] if one else []


async def switched_off(bot: Bot, where: Destination, name: str, reason: str) -> None:
    async with bot.store.transaction() as tx:
        one = await subscriptions.get(tx, where, name)
        assert one
        await subscriptions.switch_off(tx, [one], reason, bot.clock())


async def order(bot: Bot) -> tuple[str, str, int, str]:
    one = await subscriptions.get(bot.store, ME, TOPICS)
    assert one
    return one.time, one.zone, one.papers, one.state


async def test_a_new_topic_says_when_it_comes_what_it_would_have_found_and_examples(
    bot: Bot,
) -> None:
    await bot.listed("2025-06-11", paper(1, "2025-06-11", title="KV Caches, a survey", votes=99))
    await bot.listed(
        "2025-06-12",
        *(paper(n, title=f"Compressing a KV-cache {n} times", votes=n) for n in range(2, 7)),
        paper(8, title="Robots"),
    )
    message = await bot.ask("/subscribe  kv cache   -survey ")
    assert message.private and message.title == "Topic kept: kv cache -survey"
    assert "in private at 09:00 UTC; /subscriptions 08:00 Asia/Tokyo" in message.text
    assert "In the last 2 lists it would have found 5 papers, the most voted" in message.text
    assert titles(message) == [f"Compressing a KV-cache {n} times" for n in (6, 5, 4)]
    assert await topics(bot) == ["kv cache -survey"]


async def test_a_topic_nothing_matches_says_so_and_before_any_list_it_guesses_nothing(
    bot: Bot,
) -> None:
    assert "lists" not in (await bot.ask("/subscribe kv cache")).text
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1))
    message = await bot.ask("/subscribe zebra")
    assert message.text.endswith(
        "In the newest list it would have found 0 papers. Other words may find more."
    )
    assert not message.sections


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "Write the topic after the command, for example: /subscribe kv cache"),
        ("x" * 81, "A topic may have 80 characters; this one has 81."),
        ("-survey", "A topic needs at least one word to look for, such as: kv cache -survey"),
        ("🤖 !!", "A topic needs at least one word to look for, such as: kv cache -survey"),
        ("gpu -GPUs", "That topic leaves out a word it looks for, so nothing could match."),
    ],
)
async def test_a_topic_that_cannot_be_is_refused(bot: Bot, words: str, reason: str) -> None:
    assert (await bot.ask(f"/subscribe {words}")).text == reason
    assert await topics(bot) == []


async def test_a_topic_is_kept_once_whatever_its_case(bot: Bot) -> None:
    await bot.ask("/subscribe Über Maß")
    for same in ("über MASS", "Uber maß"):
        refused = await bot.ask(f"/subscribe {same}")
        assert refused.text == "You have the topic “Über Maß” already."
    assert await topics(bot) == ["Über Maß"]


async def test_fifty_topics_are_the_most_and_unsubscribe_shows_what_buttons_can(bot: Bot) -> None:
    for n in range(50):
        await bot.ask(f"/subscribe topic {n:02} {'long ' * 10}")
    refused = await bot.ask("/subscribe one more")
    assert refused.text == "You have 50 topics, the most there can be; drop one first."
    asked = await bot.ask("/unsubscribe")
    assert asked.text == (
        "Which topic shall go? These are 25 of your 50; name any other after the command."
    )
    assert [len(row) for row in asked.actions] == [5] * 5 and asked.private
    dropped = await bot.press(asked, labels(asked)[24])
    assert dropped.text.startswith("Dropped “topic 24 long") and "49 topics left" in dropped.text
    assert len(await topics(bot)) == 49 and "topic 24" not in " ".join(await topics(bot))


async def test_unsubscribe_by_name_ignores_case_and_names_what_is_not_there(bot: Bot) -> None:
    assert (await bot.ask("/unsubscribe")).text == "You have no topics; /subscribe makes one."
    await bot.ask("/subscribe kv cache")
    before = await bot.kept()
    missing = await bot.ask("/unsubscribe diffusion")
    assert missing.text == "You have no topic “diffusion”; /subscriptions lists yours."
    assert await bot.kept() == before
    assert (await bot.ask("/unsubscribe KV  Cache")).text.endswith("You have 0 topics left.")
    assert (await bot.ask("/subscriptions")).text.startswith("You have no topics yet")


async def test_subscriptions_lists_topics_and_takes_a_time_and_a_zone(bot: Bot) -> None:
    assert (await bot.ask("/subscriptions")).text.startswith("You have no topics yet")
    await bot.ask("/subscribe kv cache")
    await bot.ask("/subscribe diffusion")
    message = await bot.ask("/subscriptions 8:00 tokyo")
    assert message.private and message.title == "Your 2 topics"
    assert message.text == "· diffusion\n· kv cache"
    assert message.note.startswith("Matches come at 08:00 Asia/Tokyo, next on Fri 13 June 2025.")
    before = await bot.kept()
    assert "I know no time zone" in (await bot.ask("/subscriptions mars")).text
    assert await bot.kept() == before


async def test_the_next_matches_are_not_promised_for_a_weekend(bot: Bot) -> None:
    bot.clock.now = at("2025-06-13 17:00")
    await bot.ask("/subscribe kv cache")
    assert "next on Mon 16 June 2025" in (await bot.ask("/subscriptions")).note


async def test_a_channels_time_is_a_first_guess_and_nothing_else_of_it(bot: Bot) -> None:
    await bot.ask("/setup 07:30 Europe/Berlin 3")
    message = await bot.ask("/subscribe kv cache")
    assert "at 07:30 Europe/Berlin" in message.text and await order(bot) == (
        "07:30", "Europe/Berlin", 10, "on",
    )  # fmt: skip
    await bot.ask("/setup 20:00 tokyo")
    await bot.ask("/subscriptions 4")
    await bot.ask("/subscribe diffusion")
    assert await order(bot) == ("07:30", "Europe/Berlin", 4, "on"), "their own is kept from then on"


async def test_a_switched_off_person_comes_back_by_subscribing(bot: Bot) -> None:
    await bot.ask("/subscribe kv cache")
    await bot.ask("/subscriptions 08:00 tokyo 4")
    await switched_off(bot, ME, "topics", "the private chat is closed")
    note = (await bot.ask("/subscriptions")).note
    assert note.startswith(
        "Switched off: the private chat is closed. /subscriptions 08:00 switches"
    )
    await bot.ask("/subscribe diffusion")
    assert await order(bot) == ("08:00", "Asia/Tokyo", 4, "on")
    assert await topics(bot) == ["diffusion", "kv cache"]


async def test_a_switched_off_person_comes_back_by_looking_in_their_private_chat(bot: Bot) -> None:
    await bot.ask("/subscribe kv cache")
    await switched_off(bot, ME, "topics", "the private chat is closed")
    elsewhere = (await bot.ask("/subscriptions")).note
    assert "switches it on again, once I may write to you." in elsewhere
    assert (await order(bot))[-1] == "off"
    note = (await bot.ask("/subscriptions", alone=True)).note
    assert note.startswith("Matches come at") and (await order(bot))[-1] == "on"


async def test_only_ones_own_topics_are_suggested_and_shown(bot: Bot) -> None:
    await bot.ask("/subscribe kv cache")
    await bot.ask("/subscribe secret plan", person="u2")
    assert [c.value for c in await bot.suggest("unsubscribe", "topic", "")] == ["kv cache"]
    assert not await bot.suggest("unsubscribe", "topic", "secret")
    for line in ("/subscriptions", "/unsubscribe", "/mydata"):
        message = await bot.ask(line)
        shown = f"{message.text} {labels(message)}"
        assert "kv cache" in shown and "secret" not in shown


async def test_a_persons_zone_shows_in_their_private_chat_alone(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1))
    await bot.ask("/subscribe kv cache")
    await bot.ask("/subscriptions 08:00 berlin")
    assert "19:00 Europe/Berlin" in (await bot.ask("/today", alone=True)).text
    assert "17:00 UTC" in (await bot.ask("/today")).text


async def test_privacy_says_what_is_kept_and_how_to_see_and_erase_it(bot: Bot) -> None:
    message = await bot.ask("/privacy")
    assert message.private and "/mydata shows it all, /forgetme erases it." in message.text


async def everything(bot: Bot, person: str = "u1") -> str:
    """All pages of /mydata."""
    message = await bot.ask("/mydata", person=person)
    text = message.text
    while "Next ›" in labels(message):
        message = await bot.press(message, "Next ›", person=person)
        assert message.private and len(message.text.splitlines()) <= 20
        text += "\n" + message.text
    return text


async def live(bot: Bot) -> int:
    """Somebody who uses all there is. Returns the number of a personal post."""
    for n in range(22):
        await bot.ask(f"/subscribe topic {n}")
    await bot.ask("/subscriptions 08:00 Asia/Tokyo 4")
    await bot.ask("/setup 09:30 Europe/Berlin 3")
    await bot.ask("/setup 07:00 UTC 5", alone=True)
    await people.added(bot.store, Destination("discord", "c7"), "u1", "The reading group")
    await switched_off(bot, Destination("discord", "c1"), "", "I may not write there")
    async with bot.store.transaction() as tx:
        for n, (kind, state) in enumerate((("topics", "sent"), ("daily", "dead"))):
            frozen = Digest(
                kind, today(), True, bot.clock(), "Asia/Tokyo", 1,
                tuple(Item(paper(i).id, i, reasons=("my topic",)) for i in (1, 2)),
            )  # fmt: skip
            await add(tx, "u1", f"2025-06-1{n}", frozen.dumps(), kind=kind, state=state)
        await add(tx, "u1", "2025-06-12", '{"text": "You were told."}', kind="notice")
    row = await bot.store.row("SELECT id FROM deliveries WHERE kind = 'topics'")
    assert row
    return int(row["id"])


async def test_mydata_has_everything_that_is_kept(bot: Bot) -> None:
    await live(bot)
    text = await everything(bot)
    for kept in (
        "Account: discord u1",
        "Topics: 08:00 Asia/Tokyo, 4 papers, on",
        *(f"· topic {n}" for n in range(22)),
        "Daily post to c1: 09:30 Europe/Berlin, 3 papers, off (I may not write there)",
        "Daily post to you: 07:00 UTC, 5 papers, on",
        "You added me to: The reading group",
        "Message of Tue 10 June 2025 (topics): sent",
        "Message of Wed 11 June 2025 (daily): dead",
        "Message of Thu 12 June 2025 (notice): pending",
    ):
        assert text.splitlines().count(kept) == 1, kept
    assert len(text.splitlines()) == 30


@pytest.mark.parametrize(("page", "note"), [(0, "Page 1 of 2"), (10**9, "Page 2 of 2")])
async def test_mydata_has_no_page_that_is_not_there(bot: Bot, page: int, note: str) -> None:
    await live(bot)
    assert (await bot.ask("/mydata", page=page)).note == note


async def test_nobody_sees_anothers_data(bot: Bot) -> None:
    await live(bot)
    assert await everything(bot, "u2") == "Nothing is kept about you."


async def test_forgetme_asks_first(bot: Bot) -> None:
    await live(bot)
    before = await bot.kept()
    asked = await bot.ask("/forgetme")
    assert asked.private and labels(asked) == ["Erase everything"]
    assert "Sure? Then: /forgetme yes" in asked.text
    await bot.ask("/forgetme no")
    assert await bot.kept() == before


@pytest.mark.parametrize("by_button", [True, False])
async def test_forgetme_erases_everything_and_channels_keep_their_posts_nameless(
    bot: Bot, by_button: bool
) -> None:
    await live(bot)
    await bot.ask("/subscribe theirs", person="u2")
    if by_button:
        done = await bot.press(await bot.ask("/forgetme"), "Erase everything")
    else:
        done = await bot.ask("/forgetme  YES ")
    assert done.text == "Erased. I know nothing about you any more."
    assert (await bot.ask("/mydata")).text == "Nothing is kept about you."
    assert "u1" not in str(await bot.kept()) and "reading group" not in str(await bot.kept())
    assert await topics(bot, "u2") == ["theirs"]
    channel = await subscriptions.get(bot.store, Destination("discord", "c1"))
    assert channel and channel.owner is None and channel.papers == 3


async def page(bot: Bot, number: int, person: str) -> Message:
    return await bot.ask(f"/more {number}", person=person, page=2)


async def test_a_personal_digests_pages_are_for_its_person_alone(bot: Bot) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", 1, 2))
    number = await live(bot)
    mine = await page(bot, number, "u1")
    assert mine.private and titles(mine) == ["A study of subject 2"]
    theirs = await page(bot, number, "u2")
    assert theirs.text == "That post is too old to page through; /date shows any day's list."
    assert not theirs.sections and theirs.private


@pytest.mark.parametrize("words", ["", "0", "99", "-1", "x", "9" * 30, "²", "1 OR 1"])
async def test_a_post_that_is_not_there_cannot_be_paged(bot: Bot, words: str) -> None:
    assert (await bot.ask(f"/more {words}")).text.startswith("That post is too old")


async def test_a_notice_has_no_pages(bot: Bot) -> None:
    await live(bot)
    row = await bot.store.row("SELECT id FROM deliveries WHERE kind = 'notice'")
    assert row and (await page(bot, row["id"], "u1")).text.startswith("That post is too old")


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (1, 1), (3, 3), (4, 3), (999_999, 3)])
async def test_a_channels_post_is_paged_by_anyone_as_it_was_frozen(
    bot: Bot, asked: int, shown: int
) -> None:
    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(1, 6)))
    items = tuple(Item(paper(n).id, 100 + n) for n in (3, 1, 5, 2, 4))
    frozen = Digest(What.DAY, today(), True, bot.clock(), "UTC", 2, items)
    async with bot.store.transaction() as tx:
        await add(tx, "c1", "2025-06-12", frozen.dumps(), state="sent")
    message = await bot.ask("/more 1", person="u9", page=asked)
    numbers = (3, 1, 5, 2, 4)[2 * shown - 2 : 2 * shown]
    assert titles(message) == [f"A study of subject {n}" for n in numbers]
    entries = message.sections[0].entries
    assert [entry.meta.split()[1] for entry in entries] == [str(100 + n) for n in numbers]
    first = rendering.render_page(frozen, {}, "1")
    assert button(first, "3 more papers").text == "1"


@pytest.mark.parametrize("forged", ["1", "1_", "1_AAAAAAAA", "2_{mark}", "01_{mark}", "1_{mark}x"])
async def test_a_place_is_told_about_by_its_own_posts_buttons_alone(bot: Bot, forged: str) -> None:
    """Its zone, its trouble and its days: not where someone made up the button or the link."""
    await bot.listed("2025-06-12", *papers_of("2025-06-12", *range(1, 6)))
    items = tuple(Item(paper(n).id, 100 + n, "2025-05-30" * (n < 2)) for n in range(1, 6))
    secret = "The post of 11 June did not come."
    left = tuple(on(f"2025-05-{n}") for n in range(10, 31))
    frozen = Digest(
        "daily", today(), False, bot.clock(), "Asia/Tokyo", 2, items, (secret,), (), left
    )
    async with bot.store.transaction() as tx:
        await add(tx, "c1", "2025-06-12", frozen.dumps(), state="sent")
    mark = buttons.signed(bot.store, 1).mark
    own = await bot.ask(f"/more 1_{mark}", person="u9")
    assert secret in own.text and "Tokyo" in own.caption and len(labels(own)) > 1
    assert labels(await bot.ask(f"/days 1_{mark}", person="u9"))
    text = forged.format(mark=mark)
    told = [await bot.ask(f"/{name} {text}", person="u9") for name in ("more", "days")]
    assert {action.command for row in told[0].actions for action in row} <= {"more", ""}
    assert not [word for word in ("June did", "Tokyo", "2025-05") if word in str(told)]
