"""What a reader of Discord sees, judged by Discord's own Markdown rules and schema."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord.render import COLOUR, render
from bot.dialogue import Action, Entry, Message, Picture, Section
from tests import strategies
from tests.discord.judge import COMPONENTS_V2, problems
from tests.discord.look import texts, walk

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
    return "\n\n".join(texts(render(message).to_components()))


def paper(title: str = "A title", **changes: object) -> Message:
    return Message(sections=(Section((Entry(title, URL, **changes),)),))


def body(message: Message) -> dict:
    return {"components": render(message).to_components(), "flags": COMPONENTS_V2}


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
    text, marks = read(shown(Message(title=title, text="x")).removesuffix("x").rstrip("\n"))
    assert [kind for kind, _ in marks] == ["block"] * bool(flat(title))
    assert text == flat(title)


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
        "### New\n"
        f"**1. [Title]({URL})**\n"
        "Summary.\n"
        "-# ▲ 7 · Ada · matched: kv cache · [PDF](https://arxiv.org/pdf/1)"
    )


def test_small_print_stands_under_the_title_and_at_the_end() -> None:
    message = Message("Daily", "Text", (Section((Entry("T", URL),)),), "a *note*", caption="26 #1")
    head, _, note = texts(render(message).to_components())
    assert (head, note) == ("## Daily\n-# 26 #1\nText", "-# a \\*note\\*")
    [box] = render(message).to_components()
    assert box["accent_color"] == COLOUR


def test_a_picture_stands_beside_its_paper_and_is_described() -> None:
    picture = Picture("https://cdn.example/a (1).png", "Two towers")
    parts = list(walk(render(paper(picture=picture)).to_components()))
    [section] = [part for part in parts if part["type"] == 9]
    assert section["accessory"]["media"]["url"] == "https://cdn.example/a%20%281%29.png"
    assert section["accessory"]["description"] == "Two towers"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://x/" + "a" * 600])
def test_a_paper_keeps_its_words_where_its_picture_has_no_address(url: str) -> None:
    assert shown(paper(picture=Picture(url, "alt"))) == f"**[A title]({URL})**"


def test_pictures_and_lines_give_way_to_papers_and_buttons() -> None:
    picture = Picture("https://cdn.example/a.png", "alt")
    rows = tuple(tuple(Action("B", data=f"b{n}-{m}") for m in range(5)) for n in range(5))
    for papers, kept in ((6, 6), (10, 9), (18, 1), (30, 0)):
        entries = tuple(Entry("T", URL, n, picture=picture) for n in range(papers))
        message = Message("Daily", sections=(Section(entries),))
        parts = list(walk(render(message).to_components()))
        assert len([part for part in parts if part["type"] == 9]) == kept, papers
        assert shown(message).count(URL) == papers
        crowded = replace(message, actions=rows)
        assert shown(crowded).count(URL) == papers
        assert problems("POST", "/channels/1/messages", body(crowded)) == []


def test_an_empty_message_still_shows_something() -> None:
    assert shown(Message(text=" \n\u202e ")) == "Nothing to show."
    assert shown(Message(title="Only a title")) == "### Only a title"


def test_what_does_not_fit_is_said() -> None:
    entries = tuple(Entry("\U0001d53c" * 60, URL, n) for n in range(1, 61))
    text = shown(Message(sections=(Section(entries),)))
    kept = text.count(URL)
    assert 20 < kept < 60
    assert text.endswith(f"-# …and {60 - kept} more did not fit")


@given(st.integers(1, 20))
def test_an_ordinary_list_keeps_every_paper_and_its_links(size: int) -> None:
    entries = tuple(
        Entry("A title of ordinary length, about sixty characters in all", URL, n, "▲ 7 · Ada")
        for n in range(size)
    )
    assert shown(Message(sections=(Section(entries),))).count(URL) == size


def test_buttons_carry_their_data_and_links_their_address() -> None:
    row = (Action("Next", data="m2"), Action("arXiv", url="https://arxiv.org/abs/1"))
    _, buttons = render(Message(text="x", actions=(row,))).to_components()
    assert buttons["components"][0]["custom_id"] == "dp:m2"
    assert buttons["components"][1]["url"] == "https://arxiv.org/abs/1"
    _, buttons = render(Message(text="x", actions=(row,), about="c42")).to_components()
    assert buttons["components"][0]["custom_id"] == "dp:m2@42"


def test_a_button_that_leads_nowhere_is_left_out() -> None:
    row = (Action("No data", command="today"), Action("Bad", url="javascript:alert(1)"))
    same = (Action("One", data="a"), Action("Two", data="a"))
    _, buttons = render(Message(text="x", actions=(row, same))).to_components()
    assert [button["label"] for button in buttons["components"]] == ["One"]
