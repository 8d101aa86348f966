"""What a reader of Discord sees, judged by Discord's own Markdown rules and schema."""

import re
import unicodedata
from dataclasses import replace

import discord
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord.render import COLOUR, embeds, render
from bot.model import Action, Entry, Message, Section
from tests import strategies
from tests.discord.judge import problems

URL = "https://huggingface.co/papers/2506.01234"
# Discord's rules in their order, as its clients have them: some know no backslash.
BLOCKS = re.compile(r"(?m)^ *(#{1,3} +|-# +|[*-] +|\d+\. +|>(?:>>)? +)")
RULES = {
    "escape": r"\\([^0-9A-Za-z\s])",
    "mention": r"<(?:@[!&]?|#)\d+>|</[^:\n]+:\d+>|<id:\w+>|@(?:everyone|here)",
    "emoji": r"<a?:\w+:\d+>|:[\w+-]+:",
    "time": r"<t:-?\d+(?::\w)?>",
    "url": r"<?https?://[^\s<]+[^<.,:;\"'\]\s]>?",
    "link": r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\((https?://[^\s()<>\\]+)\)",
    "code": r"(`+)[\s\S]*?[^`]\1(?!`)",
    "strong": r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)",
    "underline": r"__((?:\\[\s\S]|[^\\])+?)__(?!_)",
    "em": r"\*(?=\S)(?:[^*\\]|\\.)+?\*|\b_(?:[^_\\]|\\.)+?_\b",
    "strike": r"~~([\s\S]+?)~~",
    "spoiler": r"\|\|([\s\S]+?)\|\|",
}
PATTERNS = [(kind, re.compile(rule)) for kind, rule in RULES.items()]


def read(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    """The characters a reader sees, and every piece of formatting that is in effect."""
    marks = [("block", found.strip()) for found in BLOCKS.findall(markdown)]
    return _read(BLOCKS.sub("", markdown), marks), marks


def _read(rest: str, marks: list[tuple[str, str]]) -> str:
    seen = ""
    while rest:
        matches = ((kind, found) for kind, rule in PATTERNS if (found := rule.match(rest)))
        kind, found = next(matches, ("", None))
        if found is None:
            seen, rest = seen + rest[0], rest[1:]
            continue
        rest = rest[found.end() :]
        if kind == "escape":
            seen += found[1]
            continue
        marks.append((kind, found[2] if kind == "link" else found[0]))
        seen += _read(found[1], marks) if kind in ("link", "strong") else found[0]
    return seen


def flat(text: str) -> str:
    def kept(c: str) -> str:
        dropped = (
            unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs")
            or c in "\u202a\u202b\u202c\u202d\u202e"
        )
        return " " if dropped else c

    return " ".join("".join(map(kept, text)).split())


def shown(message: Message) -> str:
    return "\n\n".join(embed.description or "" for embed in embeds(message))


def paper(title: str = "A title", **changes: object) -> Message:
    return Message(sections=(Section((Entry(title, URL, **changes),)),))


def body(message: Message) -> dict:
    made, view = render(message)
    return {"embeds": [e.to_dict() for e in made], "components": view.to_components()}


@settings(max_examples=150, deadline=None)
@given(strategies.messages)
def test_every_message_is_within_every_limit(message: Message) -> None:
    assert (
        problems(
            "POST", "/channels/1/messages", body(replace(message, about="c123456789012345678"))
        )
        == []
    )


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 6000), st.integers(0, 300), st.integers(0, 500), st.lists(st.integers(0, 700))
)
def test_messages_around_the_limits_fit(text: int, title: int, note: int, sums: list[int]) -> None:
    entries = tuple(Entry("t", URL, summary="s" * size) for size in sums)
    message = Message("T" * title, "x" * text, (Section(entries),), "n" * note)
    assert problems("POST", "/channels/1/messages", body(message)) == []


@settings(max_examples=150, deadline=None)
@given(strategies.text)
@example(":smile: <a:b:1> <t:1:R> </x:1> <https://x.org> <id:guide>")
@example("a_b __c__ ***d*** ~~e~~ ||f|| `g` ¯\\_(ツ)_/¯")
def test_a_title_reads_as_its_plain_characters_and_is_one_link(title: str) -> None:
    text, marks = read(shown(paper(title, rank=7)))
    plain = flat(title)
    assert text in (f"7. {plain}", f"7. {plain} (open)", "7. Untitled")
    assert [kind for kind, _ in marks] in (["strong", "link"], ["link", "strong"])
    assert dict(marks)["link"] == URL


@settings(max_examples=150, deadline=None)
@given(strategies.text)
@example("12345. x\n- y\n\n-# z\n>>> q\n### h")
def test_text_reads_as_its_plain_characters(text: str) -> None:
    lines = "\n".join(flat(line) for line in text.splitlines()).strip()
    assert read(shown(Message(text=text))) == (lines or "Nothing to show.", [])


@settings(max_examples=100, deadline=None)
@given(strategies.text, strategies.text)
def test_summaries_and_reasons_read_as_their_plain_characters(summary: str, reason: str) -> None:
    text, marks = read(shown(paper(summary=summary, reasons=(reason[:50],))))
    lines = ["A title", flat(summary), flat(f"matched: {reason[:50]}")]
    assert text == "\n".join(filter(None, lines))
    assert [kind for kind, _ in marks] == ["block", "strong", "link"]


def test_the_words_that_matched_are_bold() -> None:
    summary, spans = "A *kv* cache, evicted.", ((2, 6), (7, 12), (14, 22), (50, 60))
    text, marks = read(shown(paper(summary=summary, bold=spans)))
    assert text == f"A title\n{summary}"
    bold = [read(found[2:-2])[0] for kind, found in marks if kind == "strong"]
    assert bold[1:] == ["*kv*", "cache", "evicted."]


@settings(max_examples=150, deadline=None)
@given(strategies.text, st.lists(strategies.spans, max_size=4))
@example("a*b*c", [(0, 2), (2, 3)])
@example("@everyone :smile: https://x.org <@1>", [(1, 6), (11, 16), (18, 23), (33, 34)])
@example("\\\\ ** \\", [(0, 1), (3, 4), (4, 5)])
def test_bold_changes_no_character_and_adds_nothing_but_bold(
    summary: str, spans: list[tuple[int, int]]
) -> None:
    text, marks = read(shown(paper(summary=flat(summary), bold=tuple(spans))))
    assert text == "\n".join(filter(None, ["A title", flat(summary)]))
    assert {kind for kind, _ in marks} == {"strong", "link"}


@settings(max_examples=100, deadline=None)
@given(strategies.text)
def test_a_heading_reads_as_its_plain_characters(title: str) -> None:
    heading = embeds(Message(title=title, text="x"))[0].title or ""
    text, marks = read(heading)
    assert marks == []
    assert text == flat(title) or (text.endswith("…") and flat(title).startswith(text[:-1]))


@pytest.mark.parametrize("title", ["A [b] c", "f(x) and [0, 1]", "`code` *b* _c_", "C# - or not"])
def test_a_title_with_brackets_stays_one_link(title: str) -> None:
    text, marks = read(shown(paper(title)))
    assert (text, dict(marks)["link"]) == (title, URL)


@pytest.mark.parametrize("title", ["[0, 1) intervals", "https://example.org", "A 🤗 title", "]("])
def test_a_title_discord_would_not_link_has_its_link_beside_it(title: str) -> None:
    text, marks = read(shown(paper(title)))
    assert (text, dict(marks)["link"]) == (f"{title} (open)", URL)


def test_a_url_with_parentheses_does_not_break_its_link() -> None:
    links = (("Code", "https://github.com/lab/a_(b) c"), ("Bad", "javascript:alert(1)"))
    text, marks = read(shown(paper(links=links)))
    assert text.endswith("\nCode · Bad")
    assert [to for kind, to in marks if kind == "link"] == [
        URL,
        "https://github.com/lab/a_%28b%29%20c",
    ]


def test_an_entry_is_title_summary_and_one_small_line() -> None:
    entry = Entry(
        "Title",
        URL,
        1,
        "▲ 7 · Ada",
        "Summary.",
        reasons=("kv cache",),
        links=(("PDF", "https://arxiv.org/pdf/1"),),
    )
    assert shown(Message(sections=(Section((entry,), "New"),))) == (
        "**New**\n"
        f"**1. [Title]({URL})**\n"
        "Summary.\n"
        "-# ▲ 7 · Ada · matched: kv cache · [PDF](https://arxiv.org/pdf/1)"
    )


def test_the_note_is_plain_small_print_under_the_last_embed() -> None:
    entries = tuple(Entry("t" * 90, URL, n, summary="s" * 200) for n in range(1, 15))
    first, last = embeds(Message("Daily", "Text", (Section(entries),), note="a *note*"))
    assert (first.title, first.footer.text, last.footer.text) == ("Daily", None, "a *note*")
    assert first.colour == last.colour == discord.Colour(COLOUR)


def test_an_empty_message_still_shows_something() -> None:
    assert shown(Message(text=" \n\u202e ")) == "Nothing to show."
    assert [e.to_dict()["title"] for e in embeds(Message(title="Only a title"))] == ["Only a title"]


def test_what_does_not_fit_is_said() -> None:
    entries = tuple(Entry("\U0001d53c" * 60, URL, n) for n in range(1, 61))
    text = shown(Message(sections=(Section(entries),)))
    kept = text.count(URL)
    assert 20 < kept < 60
    assert text.endswith(f"…and {60 - kept} more did not fit")


@given(st.integers(1, 20))
def test_an_ordinary_list_keeps_every_paper_and_its_links(size: int) -> None:
    entries = tuple(
        Entry("A title of ordinary length, about sixty characters in all", URL, n, "▲ 7 · Ada")
        for n in range(size)
    )
    assert shown(Message(sections=(Section(entries),))).count(URL) == size


def test_buttons_carry_their_data_and_links_their_address() -> None:
    row = (Action("Next", data="m2"), Action("arXiv", url="https://arxiv.org/abs/1"))
    (buttons,) = render(Message(text="x", actions=(row,)))[1].to_components()
    assert buttons["components"][0]["custom_id"] == "dp:m2"
    assert buttons["components"][1]["url"] == "https://arxiv.org/abs/1"
    (buttons,) = render(Message(text="x", actions=(row,), about="c42"))[1].to_components()
    assert buttons["components"][0]["custom_id"] == "dp:m2@42"


def test_a_button_that_leads_nowhere_is_left_out() -> None:
    row = (Action("No data", command="today"), Action("Bad", url="javascript:alert(1)"))
    same = (Action("One", data="a"), Action("Two", data="a"))
    (buttons,) = render(Message(text="x", actions=(row, same)))[1].to_components()
    assert [button["label"] for button in buttons["components"]] == ["One"]
