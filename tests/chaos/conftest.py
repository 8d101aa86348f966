"""One pair of peers for all these tests, with a new ledger for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.harness import Bot, Peers, started_peers


@pytest.fixture(scope="session")
def both_peers() -> Iterator[Peers]:
    with started_peers() as made:
        yield made


@pytest.fixture
def peers(both_peers: Peers) -> Peers:
    both_peers.reset()
    return both_peers


@pytest.fixture
def bot(tmp_path: Path, peers: Peers) -> Bot:
    return Bot(tmp_path, peers)
