"""OR, parentheses and quotation marks: read from the outside in, or told."""

import random

import pytest

from bot.errors import UserError
from bot.query.parse import parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('flow NOT (survey OR "position paper")', 'flow -survey -"position paper"'),
        ('flow -("position paper")', 'flow -"position paper"'),
        ('flow !("a b")', 'flow -"a b"'),
        ('-(a OR "b c") d', 'd -a -"b c"'),
        ("flow -(a OR (b OR c))", "flow -a -b -c"),
        ("(flow OR diffusion), video", "(flow OR diffusion) video"),
        ("((flow OR diffusion) video) OR robots", "(flow OR diffusion) video OR robots"),
        ("(a OR (b OR c)) d", "(a OR b OR c) d"),
        ("title:(flow OR diffusion)", "title:flow OR title:diffusion"),
        ("title:(flow matching)", 'title:"flow matching"'),
        ("author:(hinton OR lecun) x", "(author:hinton OR author:lecun) x"),
        ("-author:(hinton OR lecun) x", "x -author:hinton -author:lecun"),
        ('"flow (a OR b) matching"', '"flow (a OR b) matching"'),
        ('title:"x (a OR b) y"', 'title:"x (a OR b) y"'),
        ('-"x (a OR b) y" z', 'z -"x (a OR b) y"'),
        ('"two   spaces"', '"two spaces"'),
        ("robots (except OR surveys)", "((except) OR surveys) robots"),
        ("A: (b OR c)", "(b OR c) A"),
        ("votes:>50 votes:>10", "votes:51"),
        ("after:2025-02 after:2025-01 x", "x after:2025-02"),
        ("before:2025-05 before:2025-06 x", "x before:2025-05"),
        ("upvotes : 20 x", "x votes:20"),
        ("order_by : new x", "x sort:new"),
        ("start_date = 2025 x", "x after:2025"),
    ],
)
def test_each_is_what_it_says(text: str, canonical: str) -> None:
    query = parse(text)
    assert str(query) == canonical and not query.notes and parse(canonical) == query


@pytest.mark.parametrize(
    "text", ["kv (a OR -b)", "after:2024 OR x", "votes:20 OR author:x", "year:(2024 OR 2025) x"]
)
def test_what_cannot_be_an_alternative_is_told(text: str) -> None:
    assert parse(text).notes


@pytest.mark.parametrize("text", ["before:2025-05 after:2025-06 x", "year:2024 year:2025"])
def test_dates_that_no_day_has_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="No day is both from"):
        parse(text)


@pytest.mark.parametrize("groups", [6, 18, 30])
def test_too_many_combinations_are_refused_at_once(groups: int) -> None:
    with pytest.raises(UserError, match="OR may join 32 things at most"):
        parse(" ".join(f"({n} OR a)" for n in range(groups)))


def test_every_alternative_is_looked_for() -> None:
    words = [f"w{n}" for n in range(32)]
    query = parse(" OR ".join(words))
    assert query.all_words == tuple(words) and len(query.branches) == 32


BITS = (
    "(", ")", "((", "))", "-(", "OR", "OR", "AND", "NOT", "!", "|", "||", "or", "-x", "a", "b",
    "kv", "flow", "except", "without", "not", "no", '"', '"', '"b c"', "author:", "title:(",
    "-title:(", "votes:", ">=20", "*", "votes", "foo|bar", "w/5", "after:2024", "year:(", "cat:cs",
    "has:code", "sort:new", "2401.01234", ",", ".", "SE(3)", "(re)training",
)  # fmt: skip


def test_whatever_is_read_says_itself() -> None:
    rng, read = random.Random(11), 0
    for _ in range(6_000):
        text = rng.choice(["", " ", " "]).join(rng.choices(BITS, k=rng.randrange(1, 12)))
        try:
            query = parse(text)
        except UserError as error:
            assert len(str(error)) < 120
            continue
        read += 1
        assert parse(str(query)) == query, (text, str(query))
    assert read > 3_000
