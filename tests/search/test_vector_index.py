"""The nearest vectors of many: chosen by their signs first, then compared as they are."""

from collections.abc import Sequence

import numpy as np

from bot.search.vector_index import VectorFilters, VectorIndex
from bot.store import Store, index, vectors
from tests.fakes import paper
from tests.stored import save_papers

DIM = 64


def vector(first: float, equal: int) -> np.ndarray:
    """Length one; `first` on the first axis, and on the others the signs of `ASKED` on so many."""
    rest = np.where(np.arange(DIM - 1) < equal, 1.0, -1.0)
    found = np.concatenate([[first], rest])
    return (found / np.linalg.norm(found)).astype(np.float32)


ASKED = vector(40.0, 63)
NEAR_BY_SIGNS = vector(0.5, 63)  # as many as 600 papers: all their signs, and little else
NEAREST = vector(40.0, 32)  # half of the signs, and the axis that counts
FAR = vector(-1.0, 0)
KINDS = {"signs": NEAR_BY_SIGNS, "nearest": NEAREST, "far": FAR}


def embed(texts: Sequence[str]) -> np.ndarray:
    """Each text begins with the name of its vector."""
    return np.stack([KINDS[text.split()[0].rstrip(".")] for text in texts])


async def test_the_nearest_is_found_though_hundreds_are_nearer_by_their_signs(store: Store) -> None:
    titles = [*["signs"] * 600, "nearest", *["far"] * 600]
    await save_papers(store, *(paper(n, title=title) for n, title in enumerate(titles, 1)))
    stored = VectorIndex(store, vectors.STATIC, "a model", embed, DIM, batch=2000)
    await stored.load()
    await stored.embed_pending()
    assert stored.size == len(titles)
    cosines = await stored.nearest(ASKED, [], VectorFilters())
    best = max(cosines, key=cosines.__getitem__)
    assert best == await index.pk_of(store, paper(601).id)
    assert cosines[best] > 0.9
