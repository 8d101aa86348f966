"""A search that finds nothing says what no stored paper has."""

import pytest

from tests.asking import Asking, titles
from tests.fakes import paper

FLOW = paper(1, title="Flow matching", categories=("cs.LG",), organization="Acme Labs")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("cat:math.AG", "No stored paper is in math.AG."),
        ("flow cat:math", "No stored paper is in math."),
        ("author:nobody", "No stored paper is by nobody."),
        ("org:nowhere flow", "No stored paper is from nowhere."),
        ("title:zzyzx", "No stored paper has “zzyzx” in the title."),
        ("votes:9000", "No stored paper has 9000 votes or more."),
        ("has:code", "No stored paper has code."),
        ("before:2010", "The stored papers are of "),
        ("flow after:2026-07-23", "The stored papers are of "),
        ("cat:math.AG OR cat:math.CO", "No stored paper is in math.CO."),
    ],
)
async def test_what_no_paper_has_is_named(bot: Asking, typed: str, why: str) -> None:
    await bot.listed("2026-07-22", FLOW)
    text = (await bot.ask(f"/search {typed}")).text
    assert why in text and "fewer or other words" not in text


@pytest.mark.parametrize("typed", ["cat:cs.LG", "flow org:nowhere", "cat:cs.LG OR cat:cs.CL"])
async def test_without_categories_at_all_that_is_said(bot: Asking, typed: str) -> None:
    await bot.listed("2026-07-22", paper(1, title="Flow matching"))
    text = (await bot.ask(f"/search {typed}")).text
    why = (
        "No stored paper says where it was made." if "org" in typed else ": the lists come without."
    )
    assert why in text and text.count(why) == 1


async def test_conditions_that_papers_meet_are_not_named(bot: Asking) -> None:
    await bot.listed("2026-07-22", FLOW, paper(2, title="Flows", authors=("Linus",)))
    text = (await bot.ask("/search cat:cs.LG author:linus")).text
    assert "Nothing found" in text and "No stored paper" not in text
    found = await bot.ask("/search cat:cs.LG flow")
    assert "No stored paper" not in found.text and titles(found) == ["Flow matching"]
