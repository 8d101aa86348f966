"""A state or a kind is compared as a value of its enum, never as a bare word: for mypy a `StrEnum`
may equal any string, so that a misspelt word would pass."""

import ast
from pathlib import Path

import pytest

from bot.decide import Verdict
from bot.model import Destination
from bot.states import DeliveryState, Layout, PlaceState, SubscriptionState, What
from bot.store import Store, history, outbox
from bot.store.subscriptions import get
from tests.fakes import at, subscribe
from tests.stored import add

ROOT = Path(__file__).resolve().parents[1]
ENUMS = (DeliveryState, Layout, What, PlaceState, SubscriptionState, Verdict)
WORDS = {str(word) for enum in ENUMS for word in enum} - {"on"}  # which is an English word, too
NAMES = {"state", "kind", "verdict"}
WHERE = Destination("discord", "c1")
NOW = at("2025-06-02 08:00")


def bare(source: str) -> list[str]:
    """The comparisons, by line, of such a value or with such a word."""
    lines = source.splitlines()
    return [
        lines[node.lineno - 1].strip()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare) and _is_bare([node.left, *node.comparators])
    ]


def _is_bare(sides: list[ast.expr]) -> bool:
    leaves = [leaf for side in sides for leaf in getattr(side, "elts", [side])]
    words = [leaf.value for leaf in leaves if isinstance(leaf, ast.Constant)]
    named = any(isinstance(leaf, ast.Attribute) and leaf.attr in NAMES for leaf in leaves)
    return any(isinstance(word, str) and (named or word in WORDS) for word in words)


def test_a_bare_word_is_found() -> None:
    assert bare('a.state == "snet"\nb = c in ("dead", "x")\nd == "week"\ne.kind is What.DAY') == [
        'a.state == "snet"', 'b = c in ("dead", "x")',
    ]  # fmt: skip


@pytest.mark.parametrize("folder", ["bot", "adapters"])
def test_no_state_is_compared_as_a_bare_word(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    found = {p.name: lines for p in files if (lines := bare(p.read_text()))}
    assert found.keys() <= {"upgrade.py"}, "migrations stay as they were"


async def test_a_kind_that_is_none_sets_its_post_aside(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", "{}", now=NOW)
        await tx.run("UPDATE deliveries SET kind = 'hourly'")
    assert not await outbox.due(store, "discord", NOW, 9)
    [row] = await store.rows("SELECT state, reason FROM deliveries")
    assert tuple(row) == ("dead", "its row cannot be read")
    assert "row cannot be read delivery=1" in caplog.text


async def test_a_state_that_is_none_is_left_out_of_a_places_past(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    number = await subscribe(store, "c1", NOW)
    async with store.transaction() as tx:
        await add(tx, "c1", "2025-06-02", now=NOW, state="skipped", subscription=number)
        await tx.run("PRAGMA ignore_check_constraints = ON")
        await tx.run("UPDATE deliveries SET state = 'lost'")
    assert await history.past(store, [number]) == {number: ()}
    assert "row cannot be read delivery=1" in caplog.text
    async with store.transaction() as tx:
        await tx.run("UPDATE subscriptions SET state = 'away'")
    assert await get(store, WHERE) is None
    assert f"row cannot be read subscription={number}" in caplog.text
