"""Usages in Telegram: the line to send, and which chat it is about."""

from bot.dialogue import Message, Request
from bot.ports import Adapter
from bot.usage import usage
from tests.asking import Asking
from tests.telegram.double import TelegramDouble
from tests.telegram.fake import ADA, CHANNEL, GROUP, NEXT, FakeHandle

SETUP = usage("setup", here=True, time="09:00", zone="Europe/Berlin")


def answers(handle: FakeHandle, message: Message) -> None:
    async def reply(_: Request) -> Message:
        return message

    handle.reply = reply


async def test_a_hint_is_the_line_to_send(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    answers(handle, Message("Setting up", f"Write {SETUP} or {usage('help')}.", note=SETUP))
    tg.says(ADA, "/today")
    sent = await tg.reply()
    line = "/setup 09:00 Europe/Berlin"
    assert sent.text == f"Setting up\nWrite {line} or /help.\n\n{line}"


async def test_a_hint_about_another_chat_names_it(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    """Sent as it stands it is understood; without the number it would set up the private chat."""
    tg.add_chat(CHANNEL, "Papers", "channel", bot="administrator")
    tg.set_member(CHANNEL, ADA, "administrator")
    answers(handle, Message(text=f"{SETUP}, {usage('help')}"))
    tg.says(ADA, f"/setup {CHANNEL} 9:00 EST")
    sent = await tg.reply()
    assert sent.text == f"/setup 09:00 Europe/Berlin {CHANNEL}, /help"
    tg.says(ADA, sent.text.partition(",")[0])
    await tg.reply(2)
    request = handle.requests[-1]
    assert (request.address, request.text) == (str(CHANNEL), "09:00 Europe/Berlin")


async def test_a_post_in_its_plainest_form_has_it_too(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    await adapter.post(str(GROUP), Message(text=f"Write {SETUP}."), key="dp1", plain=True)
    assert tg.sent[0].text.replace("\u2060", "") == "Write /setup 09:00 Europe/Berlin."


async def test_an_alert_has_it_too(
    tg: TelegramDouble, handle: FakeHandle, adapter: Adapter
) -> None:
    answers(handle, Message(text="A list", actions=((NEXT,),)))
    tg.says(ADA, "/today", GROUP)
    sent = await tg.reply()
    answers(handle, Message(text=f"That is too old; {usage('date')} shows any.", private=True))
    tg.presses(ADA, sent, "Next")
    await tg.until(lambda: tg.answered)
    assert tg.answered[0]["text"] == "That is too old; /date shows any."


async def test_an_abbreviation_is_answered_with_buttons_that_set_up(
    tg: TelegramDouble, handle: FakeHandle, bot: Asking, adapter: Adapter
) -> None:
    tg.says(ADA, "/setup 9:00 EST 5")
    refused = await tg.reply()
    assert "EST is no time zone" in refused.text
    assert [b["text"] for b in refused.buttons] == ["New York (UTC-4)", "Panama (UTC-5)"]
    tg.presses(ADA, refused, "New York (UTC-4)")
    await tg.until(lambda: refused.edits)
    assert "09:00 America/New_York, 5 papers" in refused.text


async def test_a_choice_about_a_channel_sets_up_the_channel(
    tg: TelegramDouble, handle: FakeHandle, bot: Asking, adapter: Adapter
) -> None:
    tg.add_chat(CHANNEL, "Papers", "channel", bot="administrator")
    tg.set_member(CHANNEL, ADA, "administrator")
    tg.says(ADA, f"/setup 9:00 IST 5 papers {CHANNEL}")
    refused = await tg.reply()
    assert refused.buttons[0]["text"] == "Kolkata (UTC+5:30)"
    tg.presses(ADA, refused, "Kolkata (UTC+5:30)")
    await tg.until(lambda: refused.edits)
    assert "Daily papers for Papers" in refused.text and "09:00 Asia/Kolkata" in refused.text


async def test_discords_options_are_understood_when_they_are_sent(
    tg: TelegramDouble, handle: FakeHandle, bot: Asking, adapter: Adapter
) -> None:
    tg.says(ADA, "/setup time:21:30 zone:Europe/Berlin papers:5")
    assert "21:30 Europe/Berlin, 5 papers" in (await tg.reply()).text


async def test_the_hint_for_who_has_nothing_set_up_can_be_sent_as_it_stands(
    tg: TelegramDouble, handle: FakeHandle, bot: Asking, adapter: Adapter
) -> None:
    tg.says(ADA, "/settings")
    hint = (await tg.reply()).text.partition("for example: ")[2].partition(" (")[0]
    tg.says(ADA, hint)
    assert "09:00 Europe/Berlin, 10 papers" in (await tg.reply(2)).text
