"""The line that says what a paper does, chosen from its abstract."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clause import shortened
from bot.contribution import COMPACT, RICH, contribution
from bot.contribution.leadins import alone
from bot.contribution.splitting import sentences
from bot.dialogue import Message, Section
from bot.model import Paper
from bot.rendering import entry
from bot.text import shorter
from tests import strategies

BEFORE = "Maps are important for robots. However, existing maps are slow to draw."
AFTER = "Experiments show that it outperforms all others. Code is available at https://a.org/b."


def said(abstract: str, title: str = "Atlas: Drawing Maps of Rooms", limit: int = RICH) -> str:
    return contribution(Paper("2506.00001", title, abstract), limit)


@pytest.mark.parametrize(
    "deed",
    ["We propose Atlas, which draws a map of a room from one photograph.",
     "We study how robots read maps that people drew by hand for others.",
     "This paper introduces a way to draw a map of a room in one second.",
     "Atlas is a small network that draws the map of a room from its sound.",
     "We release a set of ten thousand maps of rooms that people drew by hand.",
     "We show that a robot which draws maps by ear gets lost half as often."],
)  # fmt: skip
def test_it_is_the_sentence_that_says_what_the_paper_does(deed: str) -> None:
    assert said(f"{BEFORE} {deed} {AFTER}") == deed


@pytest.mark.parametrize(
    "lead_in",
    ["In this paper, we", "In this work we", "To this end, we", "To address this gap, we",
     "However, here we", "Therefore, we", "Specifically, we first", "Motivated by this insight, we",
     "Building on these observations, in this work, we", "To tackle the above challenges, we",
     "Observing this discrepancy, we", "(1) We", "We thus", "In this paper, 1) we"],
)  # fmt: skip
def test_it_stands_alone(lead_in: str) -> None:
    deed = "propose Atlas, which draws a map of a room from one photograph."
    assert said(f"{BEFORE} {lead_in} {deed} {AFTER}") == f"We {deed}"


def test_what_a_clause_before_it_says_is_kept() -> None:
    deed = "By reading echoes of a room, we build a network that draws its map at once."
    assert said(f"{BEFORE} {deed}") == deed


def test_a_name_without_a_capital_keeps_its_beginning() -> None:
    rest = "draws a map of any room from a single photograph."
    assert alone(f"In this work, iMap {rest}", "") == f"iMap {rest}"
    assert alone(f"To this end, gmap {rest}", "gmap: Maps") == f"gmap {rest}"
    assert alone(f"To this end, maps {rest}", "") == f"Maps {rest}"


def test_it_does_not_repeat_the_title() -> None:
    deed = "We train a network on the echoes of ten thousand rooms and their plans."
    title = "Atlas: Drawing Maps of Rooms"
    assert said(f"{BEFORE} We propose Atlas, drawing maps of rooms. {deed}", title) == deed


@pytest.mark.parametrize(
    "other",
    ["It draws a map with two networks and one camera.", "Code is at https://a.org/atlas.",
     "We address these issues.", "Additionally, we propose a metric of maps.",
     "We outperform every network at drawing maps of rooms.",
     "Can robots draw maps of rooms from one photograph?", "We hope that Atlas helps robots."],
)  # fmt: skip
def test_what_says_less_is_passed_over(other: str) -> None:
    deed = "We present Atlas, which draws a map of a room from one photograph."
    assert said(f"{BEFORE} {other} {deed}") == deed
    assert said(f"{BEFORE} {deed} {other}") == deed


def test_the_best_there_is_comes_where_none_is_good() -> None:
    assert said("Maps are old.") == "Maps are old."
    assert said("") == said(" \n ") == ""


@pytest.mark.parametrize("limit", [RICH, COMPACT])
def test_a_long_one_is_cut_at_a_clause(limit: int) -> None:
    deed = (
        "We propose Atlas, a network that draws the map of a room from a single photograph "
        "(even of a dark room), which makes robots three times as fast in houses they never saw, "
        "thereby enabling people to send them anywhere, whatever the light, season or weather is."
    )
    line = said(deed, limit=limit)
    assert 80 < len(line) <= limit
    bare = deed.replace(" (even of a dark room)", "")
    assert line[-1] == "." and (deed.startswith(line[:-1]) or bare.startswith(line[:-1]))


@pytest.mark.parametrize(
    ("text", "kept"),
    [("We build a robot that draws a map of each of the rooms for us, while others look at all.",
      "We build a robot that draws a map of each of the rooms for us."),
     ("We present a robot that combines a map of each of the rooms with a long list of its doors.",
      ""),
     ("While others are slow, we build a robot that draws maps of rooms for all the people.",
      "We build a robot that draws maps of rooms for all the people."),
     ("We compare robots that draw not only all of the maps of the rooms in houses which we know.",
      "")],
)  # fmt: skip
def test_what_is_left_is_a_sentence(text: str, kept: str) -> None:
    assert shortened(text, 76) == kept


def test_a_sentence_ends_where_it_ends() -> None:
    parts = [
        "We use maps, e.g. Atlas (Doe et al. 2023) vs. GPT-4.5, as in Fig. 2, by J. Doe.",
        "It costs 1.5B dollars in the U.S.", "We like that.", '"Is it so?"', "Yes!",
        "iMap agrees ... in part.", "o1 does too: 1. by ear, 2. by eye.", "We ask (i.e., Bob).",
    ]  # fmt: skip
    assert sentences(" ".join(parts)) == parts
    assert sentences("It is good.We like it.") == ["It is good.", "We like it."]
    assert sentences("") == sentences("  ") == []


def test_an_authors_own_command_is_the_name_in_the_title() -> None:
    abstract = "We present \\name, a robot that draws maps. \\atlas\\ is fast."
    assert said(abstract).startswith("We present Atlas, a robot")


@given(strategies.text, strategies.text, st.integers(30, 300))
def test_it_fits_whatever_the_abstract(title: str, abstract: str, limit: int) -> None:
    line = said(abstract, title, limit)
    assert len(line) <= limit
    assert line.count("\u2068") == line.count("\u2069")
    assert line == said(abstract, title, limit)


@pytest.mark.parametrize(
    "part", ["x", ".", "(", " ", "$", "{", "\\", "^", "`", "--", "a, ", "We do it. ", "(1) ", "_{a"]
)
def test_a_hostile_abstract_takes_no_longer_than_a_short_one(part: str) -> None:
    before = time.process_time()
    said(part * (1_000_000 // len(part)), part * 100_000)
    assert time.process_time() - before < 2  # a quadratic pattern takes minutes


def test_posts_lists_and_their_shorter_versions_show_it() -> None:
    deed = (
        "We propose Atlas, which draws a map of a room from one photograph of any of its walls, "
        "while others need a video of all of them and an hour of "
        "time on a very large computer in a far city."
    )
    shown = entry(Paper("2506.00001", "Atlas: Maps", f"{BEFORE} In this paper, {deed} {AFTER}"))
    assert (shown.summary, shown.brief) == (deed, deed.partition(", while")[0] + ".")
    versions = list(shorter(Message(sections=(Section((shown,)),))))
    summaries = [version.sections[0].entries[0].summary for version in versions]
    assert summaries[0] == summaries[1] == shown.summary
    assert all(len(text) <= 170 for text in summaries[2:])
