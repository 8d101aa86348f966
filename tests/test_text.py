"""What readers see of LaTeX, long abstracts and messages too long for a platform."""

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Entry, Message, Section
from bot.text import count, cut, one_line, plain, plural, runs, shorter
from tests import strategies

LATEX = st.lists(
    st.sampled_from(
        ["$", "\\ell", "_p", "^{2}", "\\text{", "}", "{", "\\", "^", "_", "\\mathbf{x}", "\\'e",
         "\\\"", "\\log", "\\deg", "^circ", " ", "a", "1", "שלום", "\u202e", "\x07", "\\,", "🏳️‍🌈"]
    ),
    max_size=30,
).map("".join)  # fmt: skip
HOSTILE = strategies.text | LATEX


@pytest.mark.parametrize(
    ("latex", "shown"),
    [("$\\ell_p$ norms", "ℓₚ norms"), ("D^{2}MoE: A", "D²MoE: A"), ("A^2Search", "A²Search"),
     ("H_2O: Heavy", "H₂O: Heavy"), ("L_2 Norm", "L₂ Norm"), ("360^circ Views", "360° Views"),
     ("We show **SWE-Flow**, 2**3", "We show SWE-Flow, 2**3"),
     ("texttt{D}ual-texttt{H}ead", "Dual-Head"), ("\\textbf{Bold} words", "Bold words"),
     ("$\\alpha$-zero", "α-zero"), ("$O(n \\log n)$ time", "O(n log n) time"),
     ("Fr\\'echet and G\\\"odel", "Fréchet and Gödel"), ('na\\"{\\i}ve', "naïve"),
     ("Kr\\v{z}i\\v{c}", "Kržič"), ("Tiny Nets -- a Start", "Tiny Nets – a Start"),
     ("fast---and cheap--models", "fast—and cheap–models"), ("pages 3--5", "pages 3–5"),
     ("We call it ``deep'' and `wide'", "We call it \"deep\" and 'wide'"),
     ("A Net\\ for Maps", "A Net for Maps"), ("the plan (\\(ABC\\))", "the plan (ABC)"),
     ("noise (varepsilon) and W_K", "noise (ε) and Wₖ".replace("Wₖ", "WK")),
     ("Atlas : A Map", "Atlas: A Map"), ("by 1.2{sim}1.3times, sim30 ms", "by 1.2~1.3×, ~30 ms"),
     ("64times64 and 5 times as much", "64×64 and 5 times as much"),
     ("cheap (\\eg a phone), \\ie small", "cheap (e.g. a phone), i.e. small"),
     ("We show \\method, a \\textcolor{red}{new} net", "We show our method, a new net"),
     ("the \\foo system", "the foo system"), ("T^{-1/3} and A^* on x^n", "T⁻¹ᐟ³ and A* on xⁿ"),
     ("pi_0 beats ell_2, geq 3 and leq5", "π₀ beats ℓ₂, ≥ 3 and ≤ 5"), ("mathcal{O}(n)", "O(n)"),
     ("Networks~(GNNs)~\\cite{ab} of Fig.~2", "Networks (GNNs) of Fig. 2"),
     ("at https://a.org/b_1{a page}.", "at https://a.org/b_1."), ("for \\10,000", "for $10,000"),
     ("(\\ourshort) is \\o", "(ourshort) is ø"), ("an A}gentic net", "an Agentic net")],
)  # fmt: skip
def test_latex_reads_as_people_write_it(latex: str, shown: str) -> None:
    assert plain(latex) == shown


@pytest.mark.parametrize(
    "title",
    ["FLM-101B: How to Train It with $100K Budget", "From $5 to $10 a day", "snake_case_name",
     "Fixing 7,400 Bugs for 1$: Cheap Repair", "C++ & <b> *a* [b](c)", "R&D at 5% #1 @home",
     "state-of-the-art (SOTA): a survey", "see https://a.org/x_1^2/~me/a--b",
     "a `code_block` of max_len_2", "similar leaks, at times", "one {a: 1} or {x, y}",
     "run it with --fast", "👩‍👩‍👧‍👦 emoji", "ViT-22B/14 @ 0.5x", "C:\\temp"],
)  # fmt: skip
def test_what_is_no_latex_stays(title: str) -> None:
    assert plain(title) == title


def test_right_to_left_text_is_kept_apart_from_its_neighbours() -> None:
    assert plain("שלום world") == "\u2068שלום world\u2069"


def test_nothing_can_turn_a_line_around_or_break_it() -> None:
    assert plain("a\u202eb\u2066c\nd\x00e\u2029f\ud800\tg") == "a b c d e f g"


@given(HOSTILE)
def test_any_text_becomes_one_clean_line(text: str) -> None:
    line = one_line(text)
    assert not any(unicodedata.category(char) == "Cc" for char in line)
    assert not re.search("[\u2028-\u202e\u2066-\u2069]", line)
    assert line == line.strip()
    assert one_line(line) == line


@given(HOSTILE)
def test_any_latex_stays_one_clean_line_in_balance(text: str) -> None:
    shown = plain(text)
    assert not any(unicodedata.category(char) == "Cc" for char in shown)
    assert not re.search("[\u2028-\u202e]", shown)
    assert shown.count("\u2068") == shown.count("\u2069") <= 1


@given(HOSTILE, st.integers(0, 120))
def test_a_cut_fits_and_begins_like_the_text(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit or short == text == ""
    assert short == text or text.startswith(short.removesuffix("…"))


def test_a_cut_ends_at_a_word_and_says_that_more_follows() -> None:
    assert cut("alpha beta gamma delta", 14) == "alpha beta…"
    assert cut("alpha beta, gamma delta", 14) == "alpha beta…"
    assert cut("one two", 7) == "one two"
    assert cut("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (1000, "1k"), (1049, "1k"), (1234, "1.2k"), (45678, "45.7k")],
)
def test_large_counts_are_rounded(number: int, shown: str) -> None:
    assert count(number) == shown


def test_one_paper_is_not_papers() -> None:
    assert [plural(n, "paper") for n in (0, 1, 2)] == ["0 papers", "1 paper", "2 papers"]
    assert plural(2, "reply", "replies") == "2 replies"


def size(message: Message) -> int:
    """All that an entry-bearing message shows, in characters."""
    entries = [entry for section in message.sections for entry in section.entries]
    shown = [message.text, *(e.title + e.summary + "".join(e.reasons) for e in entries)]
    return sum(map(len, shown)) + sum(len(label + url) for e in entries for label, url in e.links)


@given(strategies.messages)
@settings(max_examples=40)
def test_each_version_is_no_longer_than_the_one_before(message: Message) -> None:
    versions = list(shorter(message))
    assert versions[0] == message
    sizes = [size(version) for version in versions]
    assert sizes == sorted(sizes, reverse=True)


@given(strategies.messages)
@settings(max_examples=40)
def test_the_last_version_is_bare_and_small(message: Message) -> None:
    *_, last = shorter(message)
    entries = [entry for section in last.sections for entry in section.entries]
    assert len(last.text) <= 800
    assert all(len(entry.title) <= 60 for entry in entries)
    assert not any(entry.summary or entry.links or entry.reasons for entry in entries)


@given(strategies.messages)
@settings(max_examples=40)
def test_no_version_loses_a_paper_or_a_button(message: Message) -> None:
    urls = [[entry.url for entry in section.entries] for section in message.sections]
    for version in shorter(message):
        assert [[e.url for e in section.entries] for section in version.sections] == urls
        assert version.actions == message.actions
        assert version.note in (message.note, cut(message.note, 200))


def test_links_are_dropped_before_sentences_and_the_last_sentences_first() -> None:
    links = (("Code", "https://c"), ("PDF", "u"))
    entry = Entry("A title", "https://a.example", summary="word " * 60, links=links, brief="Brief.")
    versions = list(shorter(Message(sections=(Section((entry, entry)),))))
    shown = [version.sections[0].entries for version in versions]
    assert [[len(e.links) for e in entries] for entries in shown[:5]] == [
        [2, 2], [1, 1], [1, 1], [0, 0], [0, 0],
    ]  # fmt: skip
    assert [[e.summary for e in entries] for entries in shown[2:]] == [
        ["Brief."] * 2, ["Brief."] * 2, ["Brief.", ""], ["", ""], ["", ""], ["", ""],
    ]  # fmt: skip
    assert shown[1][0].summary == entry.summary


def test_bold_words_are_cut_with_the_summary() -> None:
    summary = " ".join(f"word{n:02}" for n in range(40))  # each 7 characters with its space
    entry = Entry("A title", "u", summary=summary, bold=((0, 6), (84, 90), (133, 160), (210, 216)))
    versions = [version.sections[0].entries[0] for version in shorter(_alone(entry))]
    assert versions[0].bold == entry.bold
    assert versions[2].summary == f"{summary[:167]}…"
    assert versions[2].bold == ((0, 6), (84, 90), (133, 160))
    assert [entry.bold for entry in versions[4:]] == [(), (), ()]


@given(strategies.entries(), st.lists(strategies.spans, max_size=4))
def test_what_is_bold_in_a_shorter_version_was_bold_at_the_same_place(
    entry: Entry, spans: list[tuple[int, int]]
) -> None:
    def marked(entry: Entry) -> str:
        return "".join(
            run if strong else " " * len(run) for run, strong in runs(entry.summary, entry.bold)
        )

    entry = replace(entry, summary=plain(entry.summary), bold=tuple(spans))
    for version in shorter(_alone(entry)):
        (short,) = version.sections[0].entries
        kept = len(short.summary.rstrip("…\u2069")) if short.summary != entry.summary else None
        assert marked(short)[:kept] == marked(entry)[: len(short.summary)][:kept]
        assert "…" not in marked(short)[kept or len(short.summary) :]


def _alone(entry: Entry) -> Message:
    return Message(sections=(Section((entry,)),))


@given(HOSTILE, st.lists(strategies.spans, max_size=5))
def test_runs_are_the_whole_text_and_bold_where_a_span_says_so(
    text: str, spans: list[tuple[int, int]]
) -> None:
    found = list(runs(text, spans))
    assert "".join(run for run, _ in found) == text and all(run for run, _ in found)
    bold = [strong for run, strong in found for _ in run]
    inside = [any(a <= n < b for a, b in spans) and not c.isspace() for n, c in enumerate(text)]
    assert bold == inside
    assert all(a != b for (_, a), (_, b) in pairwise(found))
