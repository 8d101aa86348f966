"""Whatever is typed is understood as something, and says itself back."""

import random
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.naming import paper_id
from bot.query.operators import AnyOf, Author, Category, Code, Dates, Without
from bot.query.operators.words import MOST as MOST_WORDS
from bot.query.parse import MOST_CHARACTERS, parse
from bot.query.query import Query
from tests import strategies
from tests.queries import query

JANUARY = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("kv cache", query(words=("kv", "cache"))),
        ('"flash attention" gpu', query(words=("gpu",), phrases=("flash attention",))),
        ("“flash attention”", query(phrases=("flash attention",))),
        ('"flash attention', query(words=("flash", "attention"))),
        ('12" vinyl 7" single', query(words=("12", "vinyl", "7", "single"))),
        ("kv -survey", query(words=("kv",), without=("survey",))),
        ('kv -"a survey"', query(words=("kv",), without=("a survey",))),
        ("kv - cache – fast — x -- y e-f", query(words=("kv", "cache", "fast", "x", "y", "e-f"))),
        ("Do NOT think AND act", query(words=("Do", "act"), without=("think",))),
        ("(kv, [cache]); GPT-4o!", query(words=("kv", "cache", "GPT-4o"))),
        ("C++ SE(3) $\\ell_p$ Bayes'", query(words=("C++", "SE(3)", "$\\ell_p$", "Bayes"))),
        ('Schr\\"odinger x', query(words=('Schr\\"odinger', "x"))),
        ('"Schr\\"odinger bridge"', query(phrases=('Schr\\"odinger bridge',))),
        ("a a b a", query(words=("a", "a", "b", "a"))),
        ("author:hinton", query(authors=("hinton",))),
        ('Author: "geoffrey hinton" author: lecun', query(authors=("geoffrey hinton", "lecun"))),
        ("title:mamba org:google", query(titles=("mamba",), orgs=("google",))),
        ("x -author:li", query(words=("x",)).adding(Without(Author("li")))),
        ("x -cat:CS.cl", query(words=("x",)).adding(Without(Category("cs.CL")))),
        ("cat:CS.cl cat:stat.ml", query(categories=("cs.CL", "stat.ML"))),
        ("cat:cs cat:HEP-TH", query(categories=("cs", "hep-th"))),
        ("cat:cond-mat.Mes-Hall", query(categories=("cond-mat.mes-hall",))),
        ("after:2025", query(after=JANUARY)),
        ("since:2025-01 before:2025/3/9", query(after=JANUARY, before=date(2025, 3, 9))),
        ("until:2024", query(before=JANUARY)),
        ("until:2024-12", query(before=JANUARY)),
        ("until:2024-12-31", query(before=JANUARY)),
        ("until:2024-02", query(before=date(2024, 3, 1))),
        ("year:2024", query(after=date(2024, 1, 1), before=JANUARY)),
        ("year:2023-2024", query(after=date(2023, 1, 1), before=JANUARY)),
        ("year:2024..2023", query(after=date(2023, 1, 1), before=JANUARY)),
        ("votes:20", query(votes=20)),
        ("votes:>20", query(votes=21)),
        ("Votes: >= 20", query(votes=20)),
        ("HAS:code sort:new", query(code=True, sort="new")),
        ("x sort:top", query(words=("x",), sort="votes")),
        ("x sort:new sort:best", query(words=("x",))),
        ("arXiv:2501.12948v1 [cs.CL]", query(paper="2501.12948")),
        ("arXiv:hep-th/9901001 [hep-th]", query(paper="hep-th/9901001")),
        ("[cs.CL] kv", query(words=("cs.CL", "kv"))),
        ("title: sort:new", query(words=("title",), sort="new")),
        ("kv:-x cache: -survey", query(words=("kv", "x", "cache"), without=("survey",))),
    ],
)
def test_a_text_is_understood(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "words"),
    [("after:yesterdayish", "after yesterdayish"), ("foo:bar", "foo bar"),
     ("votes:many", "votes many"),
     ("after:2025-02-30", "after 2025-02-30"), ("year:24", "year 24"), ("cat:dogs", "cat dogs"),
     ("sort:upwards", "sort upwards"), ("has:fun", "has fun"), ("votes:<5", "votes <5"),
     ("BERT: Pre-training of X", "BERT Pre-training of X"), ("until:9999", "until 9999"),
     ("a:b:c", "a b c"), ("https://github.com/a/b", "github.com/a/b"), ("author:", "author"),
     ("votes:99999999999", "votes 99999999999"), ("cat:cs.CL,cs.LG", "cat cs.CL,cs.LG")],
)  # fmt: skip
def test_what_is_not_understood_is_words(text: str, words: str) -> None:
    assert parse(text) == query(words=tuple(words.split()))


def test_an_unknown_operator_keeps_its_phrase() -> None:
    assert parse('foo:"bar baz"') == query(words=("foo",), phrases=("bar baz",))


@pytest.mark.parametrize(
    "text",
    ["2401.01234", "2401.01234v2", "arXiv:2401.01234", "arxiv: 2401.01234", "[2401.01234]",
     "10.48550/arXiv.2401.01234", "https://doi.org/10.48550/arXiv.2401.01234", '"2401.01234"',
     "https://arxiv.org/abs/2401.01234v1", "http://arxiv.org/pdf/2401.01234.pdf", "id:2401.01234",
     "huggingface.co/papers/2401.01234", "https://hf.co/papers/2401.01234#community",
     "https://www.alphaxiv.org/abs/2401.01234?chatId=1", "<https://arxiv.org/html/2401.01234v3>"],
)  # fmt: skip
def test_a_paper_is_known_by_its_id_in_any_link(text: str) -> None:
    assert parse(text) == query(paper="2401.01234")
    assert parse(f"kv {text} cache") == query(words=("kv", "cache"), paper="2401.01234")


@pytest.mark.parametrize(
    ("text", "paper"),
    [("cs/0112017", "cs/0112017"), ("math.GT/0309136v2", "math/0309136"),
     ("https://arxiv.org/abs/hep-th/9901001", "hep-th/9901001"), ("0704.0001", "0704.0001"),
     ("2401.01234 2401.05678", "2401.01234")],
)  # fmt: skip
def test_old_ids_and_the_first_of_many_count(text: str, paper: str) -> None:
    assert parse(text) == query(paper=paper)


@pytest.mark.parametrize(
    "text", ["99.9999", "2024.12345", "2401.012345", "12401.01234", "1.2401.01234", "and/0112017",
             "2400.01234", "2413.01234", "0112017", "x/1", ""],
)  # fmt: skip
def test_other_numbers_are_no_papers(text: str) -> None:
    assert paper_id(text) == ""
    assert parse(f"about {text}").paper == ""


@pytest.mark.parametrize(
    "text", ["", " ", "...", "🤖", '"', '""', "_", "\0", "-", "sort:best", ":"]
)
def test_without_words_there_is_nothing_to_look_for(text: str) -> None:
    with pytest.raises(UserError, match="Write what to search for, such as: kv cache"):
        parse(text)


@pytest.mark.parametrize("text", ["-x", '-"a b" -c', "-author:hinton"])
def test_leaving_words_out_is_not_enough(text: str) -> None:
    with pytest.raises(UserError, match="Add a word"):
        parse(text)


@pytest.mark.parametrize("text", ["author:hinton sort:new", "year:2024", "has:code -x", "sort:new"])
def test_filters_alone_are_a_search(text: str) -> None:
    assert not parse(text).words


def test_a_query_that_is_too_long_is_refused_with_its_length() -> None:
    assert parse("x" * MOST_CHARACTERS).words
    with pytest.raises(UserError, match=r"may have 300 characters; this one has 301\."):
        parse("x" * (MOST_CHARACTERS + 1))


def test_of_too_many_words_the_first_count() -> None:
    assert parse(" ".join(f"w{n}" for n in range(60))).words == tuple(
        f"w{n}" for n in range(MOST_WORDS)
    )


def test_what_is_to_be_found_is_one_text() -> None:
    query = parse('kv title:mamba "state space" author:gu -survey')
    assert query.plain == "kv state space mamba"


@pytest.mark.parametrize(
    ("text", "canonical", "branches"),
    [
        ("flow OR diffusion", "flow OR diffusion", ["flow", "diffusion"]),
        ("flow | diffusion", "flow OR diffusion", ["flow", "diffusion"]),
        ("kv cache || vae", "kv cache OR vae", ["kv cache", "vae"]),
        ('"a b" OR x after:2025 -y', '"a b" OR x -y after:2025',
         ['"a b" -y after:2025', "x -y after:2025"]),
        ("after:2025 x -y OR z", "x OR z -y after:2025", ["x -y after:2025", "z -y after:2025"]),
        ("(a OR b c) d", "(a OR b c) d", ["d a", "d b c"]),
        ("d (a OR b c)", "(a OR b c) d", ["d a", "d b c"]),
        ("(a OR b) (c OR d)", "(a OR b) (c OR d)", ["a c", "a d", "b c", "b d"]),
        ("author:hinton OR author:lecun", "author:hinton OR author:lecun",
         ["author:hinton", "author:lecun"]),
        ("2401.01234 OR x OR y", "2401.01234 (x OR y)", ["2401.01234 x", "2401.01234 y"]),
        ("a OR", "a", ["a"]), ("OR a", "a", ["a"]), ("a OR OR b", "a OR b", ["a", "b"]),
        ("a OR a", "a", ["a"]), ("a or b", "a or b", ["a or b"]),
        ('"a OR b"', '"a OR b"', ['"a OR b"']), ("-x OR y", "y -x", ["y -x"]),
        ("votes:20 OR y", "y votes:20", ["y votes:20"]),
    ],
)  # fmt: skip
def test_alternatives_share_all_that_is_not_about_words(
    text: str, canonical: str, branches: list[str]
) -> None:
    found = parse(text)
    assert str(found) == canonical
    assert [str(branch) for branch in found.branches] == branches


def test_a_condition_takes_the_place_of_one_of_its_kind() -> None:
    found = parse('kv "state space" after:2024-05-06')
    assert str(found.dropping(Dates).adding(Code())) == 'kv "state space" has:code'
    later = found.dropping(Dates).adding(Dates(after=date(2025, 6, 1)))
    assert str(later) == 'kv "state space" after:2025-06'
    assert str(found.adding(Dates(before=date(2025, 1, 1)))).endswith(
        "after:2024-05-06 before:2025"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("qwen 3", "Qwen3"), ("kv-cache", "KV-Cache"), ("caches", "cache"), ("a -b", "-b a"),
     ("x OR y", "y OR x"), ("author:Hinton x", "x author:hinton"), ("λ", "lambda")],
)  # fmt: skip
def test_queries_that_are_read_the_same_have_one_key(one: str, other: str) -> None:
    assert parse(one).key == parse(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b", "b a"), ("pre-training", "pre training"), ("x or y", "x OR y"),
     ("a b", '"a b"'), ("a", "title:a"), ("votes:20", "votes:21"),
     ("after:2024", "before:2024"), ("x OR y", "x y"), ("a -b", "a b")],
)  # fmt: skip
def test_queries_that_ask_for_something_else_have_different_keys(one: str, other: str) -> None:
    assert parse(one).key != parse(other).key


WORDS = st.from_regex(
    r"[A-Za-z]{1,9}(-[a-z0-9]{1,4}|\+\+)?|[0-9]{1,3}|λ|模型", fullmatch=True
).filter(lambda word: word not in ("AND", "OR", "NOT"))
PHRASES = st.lists(WORDS, min_size=2, max_size=3).map(" ".join)
DAYS = st.none() | st.dates()
CATEGORIES = st.sampled_from(["cs", "cs.CL", "hep-th", "cond-mat.mes-hall", "physics.optics"])


def tuples(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, max_size=3, unique=True).map(tuple)


QUERIES = st.builds(
    query,
    words=tuples(WORDS),
    phrases=tuples(WORDS | PHRASES),
    without=tuples(WORDS | PHRASES),
    authors=tuples(WORDS | PHRASES),
    titles=tuples(WORDS | PHRASES),
    orgs=tuples(WORDS | PHRASES),
    categories=tuples(CATEGORIES),
    after=DAYS,
    before=DAYS,
    votes=st.none() | st.integers(0, 999_999_999),
    code=st.booleans(),
    sort=st.sampled_from(["best", "new", "votes"]),
    paper=st.sampled_from(["", "2401.01234", "math/0309136"]),
)


SAID = st.builds(
    query,
    words=tuples(WORDS | st.sampled_from(["except", "without", "not"])),
    phrases=tuples(PHRASES),
    authors=tuples(WORDS),
)
ALTERNATIVES = st.lists(
    SAID.map(lambda found: found.conditions).filter(bool), min_size=2, max_size=3, unique=True
).map(lambda found: AnyOf(tuple(found)))


@given(QUERIES, st.lists(ALTERNATIVES, max_size=2, unique=True))
def test_a_query_says_itself(found: Query, alternatives: list[AnyOf]) -> None:
    asked = found.adding(*alternatives)
    dates = asked.single(Dates)
    possible = not dates or dates.is_possible
    if len(str(asked)) <= MOST_CHARACTERS and not asked.asks_nothing and possible:
        assert parse(str(asked)) == asked


BITS = (
    "kv", "cache", "GPT-4o", "C++", "AND", "OR", "NOT", "NEAR(a b)", "*", "^", ":", "::", "(", ")",
    "[", "]", "{", "}", "$", "\\", '"', '"', "“", "”", "'", "-", "-", "--", "–", "—", "_", "/", "?",
    "author:", "title: ", "org:", "cat:", "cat:cs.cl", "after:", "since:2025", "before:2025-13",
    "until:2024-02", "until:9999-12-31", "year:2024", "year:0-9999", "votes:", ">", ">=", "20", "+",
    "has:code", "sort:new", "sort:", "foo:", "arXiv:", "id: ", "2401.01234", "v2", ".pdf",
    "99.9999",
    "https://arxiv.org/abs/", "https://", "math.GT/0309136", "cs/0112017", "2025-01-15", "2025",
    "λ", "é", "e\u0301", "ﬁ", "扩散模型", "שלום", "🤖", "👩‍👩‍👧",
    "\u202e", "\u2066", "\u00ad", "\u200b",
    "\x00", "\x07", "\n", "\t", "\u2028", "\ud800", "\ufeff", "\\\"o", "\\'e", "a\0b", " ",
    " ", " ",
    "' OR 1=1 --", "x" * 90, "a" * 7 + " ", '"" ', '-"', "( -", "title:-", "²", "①", "٣", "İ", "ß",
)  # fmt: skip


def texts(count: int, seed: int) -> Iterator[str]:
    """Bits of every kind in any order, and now and then any character at all."""
    rng = random.Random(seed)
    for _ in range(count):
        bits = rng.choices(BITS, k=rng.randrange(10))
        if rng.random() < 0.2:
            bits.insert(rng.randrange(len(bits) + 1), chr(rng.randrange(0x110000)))
        yield rng.choice(["", "", " "]).join(bits)


def judged(text: str) -> bool:
    """Understood, and what is understood says itself; or refused in one sentence."""
    try:
        query = parse(text)
    except UserError as error:
        assert len(str(error)) < 100
        return False
    assert len(str(query)) <= MOST_CHARACTERS
    assert len(query.words) <= MOST_WORDS
    assert parse(str(query)) == query, (text, str(query))
    return True


def test_no_input_of_20_000_raises() -> None:
    understood = sum(map(judged, texts(20_000, seed=1)))
    assert understood > 15_000


@given(strategies.text | st.text(max_size=320) | st.lists(st.sampled_from(BITS)).map("".join))
def test_no_text_raises(text: str) -> None:
    judged(text)
