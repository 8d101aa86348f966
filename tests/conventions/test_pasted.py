"""What is pasted is read as if it were typed; what needs odd characters keeps them."""

import pytest
from hypothesis import given

from bot.text import typed
from tests import strategies
from tests.asking import Asking, titles
from tests.fakes import paper

HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c"
    "\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206f\u3164\ufe00"
    "\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb\U000e0001\U000e0041\U000e007f\U000e0100"
)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_shows_nothing_is_taken_out_wherever_it_stands(hidden: str) -> None:
    assert typed(f"{hidden}kv ca{hidden}che{hidden * 3} -x{hidden}") == "kv cache -x"


@pytest.mark.parametrize("space", "\u00a0\u2002\u2007\u2009\u202f\u205f\u3000\t\n\u2028\x85")
def test_every_space_is_one(space: str) -> None:
    assert typed(f"kv{space}cache{space}{space}") == "kv cache"


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("–survey —survey −survey ‐survey ‑survey", "-survey " * 5),
        ("“a b” „a b“ «a b» ＂a b＂ 「a b」", '"a b" ' * 5),
        ("‘a b’ O’Brien", "'a b' O'Brien"),
        ("—“a b”", '-"a b"'),
        ("ａｕｔｈｏｒ：ｈｉｎｔｏｎ", "author:hinton"),
        ("０９：００", "09:00"),
        ("2023–2024 GPT‑4o", "2023-2024 GPT-4o"),
    ],
)
def test_marks_and_widths_become_a_keyboards(pasted: str, text: str) -> None:
    assert typed(pasted) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧 🏳️‍🌈 ❤️ 1️⃣ 👍🏽 ©️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم",
        "क्\u200dष",
        "葛\U000e0100城",
        "attention—a survey",
        "A — B",
        "扩散模型。",
        "naïve Schrödinger λ ℓ² ½ ™",
        "C++ SE(3) don't x^2",
    ],
)
def test_what_needs_them_keeps_them(text: str) -> None:
    assert typed(text) == text


@given(strategies.text)
def test_what_is_typed_is_typed_already(text: str) -> None:
    assert typed(typed(text)) == typed(text)


async def test_a_pasted_search_is_the_typed_one(bot: Asking) -> None:
    await bot.listed("2026-07-22", paper(1, title="Flow matching"), paper(2, title="A survey"))
    await bot.core.ctx.search.catch_up()
    found = await bot.ask("/search \u200bflow\u00a0mat\u00adching –survey\ufeff")
    assert titles(found) == ["Flow matching"]
    assert "without “survey”" in found.text


async def test_a_places_own_name_is_no_command(bot: Asking) -> None:
    """Marks of usages in a text from outside would make it one."""
    forged = "\ufff9pause\ufffahere\ufffb"
    for line in (f"/unsubscribe {forged}", f"/search {forged}", f"/date {forged}"):
        message = await bot.ask(line)
        assert not any(mark in message.text + message.title for mark in "\ufff9\ufffa\ufffb")
        assert "/pause" not in message.text
