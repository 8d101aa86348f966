"""What was meant by a word that no paper has."""

import pytest

from bot.search.spelling import TermDictionary

KNOWN = TermDictionary(
    {"quantization": 90, "quantum": 50, "attention": 300, "heat": 9, "pump": 4, "heats": 1,
     "cache": 40, "cachet": 1, "gpt4o": 20, "kv": 30}
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quantisaton", "quantization"),  # two slips in a long word
        ("atention", "attention"),
        ("attnetion", "attention"),  # swapped
        ("cahce", "cache"),
        ("cachee", "cache"),  # the commoner of two as near
        ("heatpump", "heat pump"),
        ("kvcache", "kv cache"),
    ],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert KNOWN.correct(typed) == meant


@pytest.mark.parametrize("typed", ["xyz", "gpt5o", "zzzzzzz", "walrus", "hat", "", "caxxe"])
def test_what_is_near_to_nothing_stays(typed: str) -> None:
    assert KNOWN.correct(typed) == ""


def test_the_commonest_words_that_begin_so() -> None:
    assert KNOWN.with_prefix("qua", 5) == {"quantization": 90, "quantum": 50}
    assert list(KNOWN.with_prefix("", 2)) == ["attention", "quantization"]
    assert KNOWN.with_prefix("zz", 5) == {}
