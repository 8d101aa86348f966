"""Where papers come from. A new source is its module and its line here."""

from __future__ import annotations

from bot.config import Config
from bot.ports import Feed, ListSource
from bot.sources.arxiv import Arxiv
from bot.sources.huggingface import HuggingFace


def make(config: Config) -> tuple[list[ListSource], list[Feed]]:
    """Every source; each opens its connection at its first request.

    The lists of the first are those that are posted.
    """
    arxiv = Arxiv(
        config.arxiv_categories, config.arxiv_api_base, config.arxiv_oai_base,
        network=config.network,
    )  # fmt: skip
    return [HuggingFace(config.hf_api_base, config.network)], [arxiv]
