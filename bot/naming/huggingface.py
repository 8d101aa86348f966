"""Hugging Face's pages of the papers on its lists; their ids are arXiv's."""

from __future__ import annotations

from bot.naming.scheme import Curated


def _page(paper_id: str) -> str:
    return f"https://huggingface.co/papers/{paper_id}"


def _discussion(paper_id: str) -> str:
    return f"{_page(paper_id)}#community"


CURATED = Curated("huggingface", "Daily Papers", _page, _discussion)
