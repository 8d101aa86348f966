"""Where papers come from. A new source is its module and its line here."""

from __future__ import annotations

from bot.config import Config
from bot.ports import Source
from bot.sources.arxiv import Arxiv
from bot.sources.huggingface import HuggingFace


def make(config: Config) -> list[Source]:
    """Every source; each opens its connection at its first request."""
    return [HuggingFace(config.hf_api_base), Arxiv(config.arxiv_categories, config.arxiv_api_base)]
