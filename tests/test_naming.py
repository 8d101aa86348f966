"""How papers are named and linked."""

import pytest

from bot import naming
from bot.model import Paper
from tests.fakes import on


def paper(listed_by: str = "", day: str = "2025-06-02") -> Paper:
    return Paper("2506.00001", "A title", day=on(day) if day else None, listed_by=listed_by)


@pytest.mark.parametrize("listed_by", ["", "huggingface", "a source that is gone"])
def test_a_listed_paper_has_its_page_there_whichever_program_stored_it(listed_by: str) -> None:
    assert naming.page(paper(listed_by)) == "https://huggingface.co/papers/2506.00001"


def test_a_paper_on_no_list_has_its_page_at_its_source() -> None:
    assert naming.curated(paper(day="")) is None
    assert naming.page(paper(day="")) == "https://arxiv.org/abs/2506.00001"


def test_an_id_of_a_source_that_is_gone_still_has_a_scheme() -> None:
    assert naming.scheme("gone:1").title == "arXiv"
