"""The table of word vectors: what it makes of texts, of damaged files, and how it is trained."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bot.query.normal import words
from bot.search.table import SHIPPED, Table, TableError

pytest.importorskip("scipy")
from training.table import main

TEXTS = ["Heat pumps in old houses", "Keeping old homes warm", "A proof about prime numbers"]


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.load()


def test_texts_about_the_same_are_near(table: Table) -> None:
    vectors = table.embed([words(text) for text in TEXTS])
    assert vectors.shape == (3, table.dim) == (3, 256)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_a_text_alone_has_the_vector_it_has_among_others(table: Table) -> None:
    texts = [words(text) for text in TEXTS * 50]
    alone = np.concatenate([table.embed([text]) for text in texts[:3]])
    assert table.embed(texts)[-3:] == pytest.approx(alone, abs=1e-5)


def test_no_text_and_texts_without_known_words_are_zero(table: Table) -> None:
    assert table.embed([]).shape == (0, 256)
    assert not table.embed([[], ["словарь"], ["漢字"]]).any()


def test_an_unknown_word_is_cut_into_known_pieces(table: Table) -> None:
    assert "zyxograph" not in table.vocabulary.words
    pieces = [table.vocabulary.words[row] for row in table.vocabulary.pieces("zyxograph")]
    assert "".join(piece.removeprefix("##") for piece in pieces) == "zyxograph"
    assert table.embed([["zyxograph"]]).any()


def test_known_neighbours_have_a_row_of_their_own(table: Table) -> None:
    first, second = divmod(int(table.vocabulary.pairs[0]), 1 << 16)
    pair = [table.vocabulary.words[first], table.vocabulary.words[second]]
    row, text = table.vocabulary.rows([pair[::-1], pair])
    assert sorted(row[text == 1]) == sorted([first, second, len(table.vocabulary.words)])
    assert len(table.vocabulary) == len(table.vocabulary.words) + len(table.vocabulary.pairs)


def test_the_last_word_of_a_text_is_no_neighbour_of_the_next_text(table: Table) -> None:
    first, second = divmod(int(table.vocabulary.pairs[0]), 1 << 16)
    apart = [[table.vocabulary.words[first]], [table.vocabulary.words[second]]]
    assert len(table.vocabulary.rows(apart)[0]) == 2


def test_the_id_is_of_the_data(table: Table, tmp_path: Path) -> None:
    copy = shutil.copy(SHIPPED, tmp_path / "other.npz")
    assert Table.load(copy).id == table.id
    assert len(table.id) == 12


def test_a_missing_table_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        TableError, match=r"^Install again: the word vectors are missing \(no\.npz\)\.$"
    ):
        Table.load(tmp_path / "no.npz")


@pytest.mark.parametrize("kept", [0, 1, 1000, -1, -200])
def test_a_cut_table_is_damaged(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "table.npz"
    path.write_bytes(SHIPPED.read_bytes()[:kept])
    with pytest.raises(TableError, match="are damaged"):
        Table.load(path)


def test_no_changed_byte_is_taken_for_data(small: Path, tmp_path: Path) -> None:
    good, rng = small.read_bytes(), random.Random(1)
    before = Table.load(small).embed([["cat"]])
    path = tmp_path / "table.npz"
    for at in [
        *range(100),
        *(len(good) - n for n in range(1, 150)),
        *rng.choices(range(len(good)), k=300),
    ]:
        path.write_bytes(good[:at] + bytes([good[at] ^ 1 << rng.randrange(8)]) + good[at + 1 :])
        try:
            after = Table.load(path).embed([["cat"]])
        except TableError:
            continue
        assert np.array_equal(before, after)  # a date or a note of the archive, no data


THINGS = ["bridges", "violins", "glaciers", "bakeries", "comets", "orchards", "ferries", "beetles"]
SAID = {
    "bridges": "Steel girders carry trains across a wide river. Engineers count every rivet.",
    "violins": "Spruce and varnish give strings their tone. Luthiers carve each scroll by hand.",
    "glaciers": "Ice slides down the valley. Crevasses open where meltwater runs below.",
    "bakeries": "Sourdough rises before dawn. Ovens hold their heat for the last loaves.",
    "comets": "A tail of dust points away from the sun. Telescopes follow it for weeks.",
    "orchards": "Apples ripen late on the slope. Bees visit every blossom in spring.",
    "ferries": "Cars roll onto the deck. Captains wait for the tide before casting off.",
    "beetles": "Wing cases shine green. Larvae eat dead wood for three summers.",
}
HOW = ["at night", "in winter", "near the coast", "for beginners", "in old books", "by numbers"]


def papers() -> list[dict[str, str]]:
    rng = random.Random(3)
    return [
        {
            "id": f"2501.{n:05}",
            "title": f"{rng.choice(['About', 'Notes on', 'More on'])} {thing} {rng.choice(HOW)}",
            "abstract": f"We look at {thing} {rng.choice(HOW)}. {SAID[thing]} {rng.choice(HOW)}.",
        }
        for n, thing in enumerate(rng.choices(THINGS, k=300))
    ]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table trained on sentences of our own."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "papers.jsonl").write_text("\n".join(map(json.dumps, papers())))
    (folder / "without").write_text("2501.00000\n2501.00001\n")
    out = folder / "small.npz"
    arguments = [folder / "papers.jsonl", out, "--without", folder / "without", "--epochs", 10]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return out


def test_training_brings_a_title_near_its_own_abstract(small: Path) -> None:
    table = Table.load(small)
    titles = table.embed([words(f"About {thing}") for thing in THINGS])
    abstracts = table.embed([words(SAID[thing]) for thing in THINGS])
    assert (titles @ abstracts.T).argmax(1).tolist() == list(range(len(THINGS)))


def test_training_can_go_on_from_a_table(small: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.jsonl"
    kites = {
        "id": "2501.00300",
        "title": "Kites on the beach",
        "abstract": "Kites need wind. Kites need a long line.",
    }
    more.write_text("\n".join([json.dumps(kites)] * 20))
    arguments = [str(more), str(tmp_path / "out.npz"), "--start", str(small), "--epochs", "1"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    before, after = Table.load(small), Table.load(tmp_path / "out.npz")
    assert list(after.vocabulary.words[: len(before.vocabulary.words)]) == before.vocabulary.words
    assert "kites" in after.vocabulary.words
    same = before.embed([["comets"]]) @ after.embed([["comets"]]).T
    assert same > 0.9


def test_a_table_of_a_newer_version_says_so(small: Path, tmp_path: Path) -> None:
    parts = dict(np.load(small))
    parts["format"] = parts["format"] + 1
    np.savez(tmp_path / "new.npz", **parts)
    with pytest.raises(TableError, match="newer version"):
        Table.load(tmp_path / "new.npz")


@pytest.mark.parametrize("part", ["words", "pairs", "rows", "scales"])
def test_parts_that_do_not_fit_together_are_damage(small: Path, tmp_path: Path, part: str) -> None:
    parts = dict(np.load(small))
    parts[part] = parts[part][: len(parts[part]) // 2]
    np.savez(tmp_path / "odd.npz", **parts)
    with pytest.raises(TableError, match="are damaged"):
        Table.load(tmp_path / "odd.npz")
