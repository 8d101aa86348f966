"""Where papers come from. A new source is its module and its line here."""

from __future__ import annotations

from bot.config import Config
from bot.ports import Source
from bot.sources.arxiv import Arxiv
from bot.sources.huggingface import HuggingFace


def make(config: Config) -> list[Source]:
    """The sources the settings ask for; each opens its connection at its first request."""
    sources: list[Source] = [HuggingFace(config.hf_api_base)]
    if config.arxiv_categories:
        sources.append(Arxiv(config.arxiv_categories, config.arxiv_api_base))
    return sources
