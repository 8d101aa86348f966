"""The renderer, judged by TDLib's own parser."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from adapters.telegram.render import JOINER, plain_text, render, size
from bot.dialogue import Action, Entry, Message, Section
from bot.errors import PostError
from bot.text import one_line
from bot.usage import usage
from tests import strategies
from tests.telegram.judge import linked_by_itself, parse_html

PAPER = Entry(
    title="KV cache eviction <done> right & fast",
    url="https://huggingface.co/papers/2506.00001",
    rank=1,
    meta="128 votes · Ada Lovelace and 7 more",
    summary="Drops what is not needed. Keeps the rest.",
    reasons=("kv cache",),
    links=(("arXiv", "https://arxiv.org/abs/2506.00001"), ("Code ★ 1.2k", "https://x.y/a?b=1&c=2")),
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parsed(message: Message, **how: Any) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities as readers get them; fails where Telegram would refuse."""
    html = render(message, **how).text
    done = parse_html(html)
    assert done["@type"] == "formattedText", done
    text, entities = str(done["text"]), list(done["entities"])
    assert text.strip()
    assert units(text) <= 4096 and len(entities) <= 100
    assert (units(text), len(entities)) == size(html)
    return text, entities


def links(entities: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [
        (e["offset"], e["offset"] + e["length"])
        for e in entities
        if e["type"]["@type"] == "textEntityTypeTextUrl"
    ]


def slice_units(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def of_many(count: int, **parts: Any) -> Message:
    entries = tuple(replace(PAPER, rank=n, **parts) for n in range(1, count + 1))
    return Message(title="Daily Papers", sections=(Section(entries),), note="small print")


def test_a_paper_reads_as_people_expect_it() -> None:
    day = Message("Daily Papers", "3 papers.", (Section((PAPER,)),), "a note")
    text, _ = parsed(day)
    assert text == (
        "Daily Papers\n3 papers.\n\n"
        "1. KV cache eviction <done> right & fast\n"
        "Drops what is not needed. Keeps the rest.\n"
        "matched: kv cache\n"
        "128 votes · Ada Lovelace and 7 more · arXiv · Code ★ 1.2k\n\n"
        "a note"
    )


def test_links_arrive_as_they_were() -> None:
    _, entities = parsed(of_many(1))
    urls = [e["type"]["url"] for e in entities if e["type"]["@type"] == "textEntityTypeTextUrl"]
    assert urls == [PAPER.url, "https://arxiv.org/abs/2506.00001", "https://x.y/a?b=1&c=2"]


@settings(max_examples=150, deadline=None)
@given(strategies.messages, st.booleans())
def test_every_message_is_taken_by_telegram(message: Message, shared: bool) -> None:
    parsed(message, shared=shared, bot="papers_bot")


@settings(max_examples=150, deadline=None)
@given(strategies.entries())
def test_every_title_survives_character_for_character(entry: Entry) -> None:
    text, entities = parsed(Message(sections=(Section((entry,)),)))
    title = one_line(entry.title)
    if not any(c.isprintable() and c not in " \u2800\u3164" for c in title):
        title = "(untitled)"
    start, end = links(entities)[0]
    assert one_line(slice_units(text, start, end)) == title


@settings(max_examples=150, deadline=None)
@given(strategies.messages)
def test_nobody_is_pinged_and_nothing_links_by_itself(message: Message) -> None:
    text, entities = parsed(replace(message, text="", note=""))
    inside = links(entities)
    for kind, offset, length in linked_by_itself(text):
        if kind != "MediaTimestamp":  # has a meaning only under a video
            covered = any(a <= offset and offset + length <= b for a, b in inside)
            assert covered, (kind, slice_units(text, offset, offset + length))


@settings(max_examples=150, deadline=None)
@given(strategies.text)
def test_of_an_answers_words_only_usages_can_be_tapped(words: str) -> None:
    """Words may be a title, a name, a query: `usage` alone says what is a command."""
    hostile = f"{words} /stop https://evil.example @ada"
    text, _ = parsed(Message(hostile, f"{hostile}\n{usage('today')} is one", note=hostile))
    found = linked_by_itself(text)
    tapped = [(kind, slice_units(text, at, at + n)) for kind, at, n in found]
    assert [one for one in tapped if one[0] != "MediaTimestamp"] == [("BotCommand", "/today")]


def bold(text: str, entities: list[dict[str, Any]]) -> list[str]:
    return [
        slice_units(text, e["offset"], e["offset"] + e["length"])
        for e in entities
        if e["type"]["@type"] == "textEntityTypeBold"
    ]


def test_the_words_that_matched_are_bold() -> None:
    entry = replace(PAPER, summary="A <kv> cache & 👩 evicted.", bold=((2, 6), (7, 12), (17, 99)))
    text, entities = parsed(Message(sections=(Section((entry,)),)))
    assert "\nA <kv> cache & 👩 evicted.\n" in text
    assert bold(text, entities) == [f"1. {PAPER.title}", "<kv>", "cache", "evicted."]


@settings(max_examples=150, deadline=None)
@given(strategies.entries())
def test_bold_changes_no_character(entry: Entry) -> None:
    plain, _ = parsed(Message(sections=(Section((replace(entry, bold=()),)),)))
    text, _ = parsed(Message(sections=(Section((entry,)),)))
    assert text == plain


@pytest.mark.parametrize(
    "words", ["see evil.example now", "@someone #tag", "x://y", "$TSLA /start"]
)
def test_a_bold_part_of_a_link_makes_no_link(words: str) -> None:
    for end in range(len(words)):
        entry = replace(PAPER, meta="", reasons=(), summary=words, bold=((end // 2, end),))
        text, entities = parsed(Message(sections=(Section((entry,)),)))
        inside = links(entities)
        for kind, offset, _ in linked_by_itself(text):
            assert any(a <= offset < b for a, b in inside), (kind, text, end)


@pytest.mark.parametrize(
    "words",
    [
        "GPT-4.1",
        "2401.01234",
        "12.5k",
        "e.g. this",
        "and/or",
        "a + b",
        "10:30",
        "R^2",
        "C# is",
        "$5",
    ],
)
def test_words_telegram_leaves_alone_are_left_alone(words: str) -> None:
    text, _ = parsed(Message(sections=(Section((replace(PAPER, summary=words),)),)))
    assert JOINER not in text


def test_a_title_that_is_too_long_is_not_lost_but_cut() -> None:
    text, _ = parsed(of_many(30, title="word " * 60))
    assert "30. word word" in text and "…" in text


def test_what_does_not_fit_is_dropped_from_the_end_and_counted() -> None:
    text, entities = parsed(of_many(150, title="👩‍👩‍👧‍👦" * 60))
    kept = len(links(entities))
    assert 0 < kept < 150
    assert f"…and {150 - kept} more did not fit" in text
    assert text.endswith("small print")


def test_entities_are_spared_before_words_are() -> None:
    short = {"reasons": (), "summary": "Words."}
    arxiv, code = PAPER.links
    text, entities = parsed(of_many(20, links=(arxiv, arxiv, code), **short))
    assert text.count("Words.") == 20 and text.count("Code") == 20
    assert len(entities) == 1 + 20 * 4 + 1  # no title is bold
    text, entities = parsed(of_many(30, links=(arxiv, arxiv, code), **short))
    assert text.count("Words.") == 30 and text.count("Code") == 0
    assert len(entities) == 1 + 30 + 1


def test_right_to_left_titles_keep_their_isolation() -> None:
    text, _ = parsed(Message(sections=(Section((replace(PAPER, title="\u2068שלום\u2069"),)),)))
    assert "1. \u2068שלום\u2069\n" in text


@pytest.mark.parametrize("nothing", ["", " \n ", "\u0000", "\u200b", "\ud800"])
def test_an_empty_message_is_never_sent(nothing: str) -> None:
    assert parsed(Message(text=nothing))[0] == "Nothing to show."


def test_a_paper_without_a_title_can_still_be_opened() -> None:
    text, entities = parsed(Message(sections=(Section((Entry("\u200b", PAPER.url),)),)))
    assert text == "(untitled)" and len(links(entities)) == 1


def keys(markup: InlineKeyboardMarkup | None) -> list[list[tuple[str, str]]]:
    rows = markup.inline_keyboard if markup else ()
    return [[(b.text, str(b.callback_data or b.url)) for b in row] for row in rows]


def test_buttons_turn_pages_in_private_and_open_the_private_chat_in_public() -> None:
    rows = ((Action("More", data="more-1-t9"), Action("arXiv", url="https://arxiv.org")),)
    message = Message(text="x", actions=rows)
    assert keys(render(message)[1]) == [[("More", "more-1-t9"), ("arXiv", "https://arxiv.org")]]
    assert keys(render(message, shared=True, bot="papers_bot")[1]) == [
        [("More", "https://t.me/papers_bot?start=more-1-t9"), ("arXiv", "https://arxiv.org")]
    ]


def test_a_button_that_cannot_say_which_chat_it_is_about_is_left_out() -> None:
    rows = (
        (Action("A", data="setup-1-t9"), Action("B", data="x" * 60)),
        (Action("C", data="y" * 51),),
    )
    message = Message(text="x", actions=rows)
    assert keys(render(message, about="-1001234567890")[1]) == [
        [("A", "setup-1-t9~-1001234567890")]
    ]
    assert keys(render(message, shared=True, bot="papers_bot", about="-1001234567890")[1]) == []


@pytest.mark.parametrize("data", ["a b", "x" * 65, "ü", "a~b"])
def test_a_button_telegram_would_refuse_is_our_fault_not_the_chats(data: str) -> None:
    with pytest.raises(PostError) as caught:
        render(Message(text="x", actions=((Action("A", data=data),),)))
    assert caught.value.refused and not caught.value.permanent


def test_a_message_without_buttons_has_no_keyboard() -> None:
    assert render(Message(text="x"))[1] is None
    assert render(Message(text="x", actions=((Action("nowhere"),),)))[1] is None


# the plainest form -------------------------------------------------------------------------------

PINGS = {"Mention", "Hashtag", "Cashtag", "BotCommand", "EmailAddress", "MentionName"}


@settings(max_examples=150, deadline=None)
@given(strategies.messages)
def test_the_plainest_form_of_every_message_fits_and_pings_nobody(message: Message) -> None:
    text = plain_text(message)
    assert text.strip() and units(text) <= 4096
    assert not {kind for kind, _, _ in linked_by_itself(text)} & PINGS


def test_the_plainest_form_keeps_what_is_needed_to_read_on() -> None:
    message = Message("Daily Papers", "Two papers.\n/today", (Section((PAPER,)),), "a note")
    text = plain_text(message)
    assert text == (f"Daily Papers\nTwo papers.\n/{JOINER}today\n\n1. {PAPER.title}\n{PAPER.url}")
    ((kind, offset, length),) = linked_by_itself(text)
    assert kind == "Url" and slice_units(text, offset, offset + length) == PAPER.url


@settings(max_examples=100, deadline=None)
@given(strategies.entries())
def test_in_the_plainest_form_the_papers_address_is_the_only_link(entry: Entry) -> None:
    text = plain_text(Message(sections=(Section((entry,)),)))
    found = [
        slice_units(text, start, start + length)
        for kind, start, length in linked_by_itself(text)
        if kind != "MediaTimestamp"
    ]
    assert found == [entry.url]


def test_a_plainest_form_that_is_too_long_drops_and_counts_entries() -> None:
    text = plain_text(of_many(90, title="👩" * 3000))
    assert units(text) <= 4096 and "1. 👩" in text and "more did not fit" in text
    words = plain_text(Message(title="👩" * 3000, text="@a /b #c " * 3000))
    assert 3000 < units(words) <= 4096


def test_an_address_too_long_to_read_costs_no_other_entry_its_place() -> None:
    long = replace(PAPER, url="https://x.yz/" + "a" * 5000)
    text = plain_text(Message(sections=(Section((long, replace(PAPER, rank=2))),)))
    assert text == f"1. {PAPER.title}\n\n2. {PAPER.title}\n{PAPER.url}"


@pytest.mark.parametrize("nothing", ["", " \n ", "\u0000", "\u200b", "\ud800"])
def test_an_empty_plainest_form_is_never_sent(nothing: str) -> None:
    assert plain_text(Message(text=nothing)) == "Nothing to show."
