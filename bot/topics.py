"""A person's topics: saved queries, kept as their canonical text, and which papers they match."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from bot.errors import UserError
from bot.model import Paper, Topic
from bot.query.operators import AnyOf, Dates, Sort, Without
from bot.query.paper import PaperText, paper_text
from bot.query.parse import parse
from bot.query.query import Query
from bot.text import cut, typed
from bot.usage import usage

MOST_CHARACTERS = 80
MOST_TOPICS = 50
_NEAR = 0.75  # of 1: `kv cahce` and `kv cache` have .88
_SEVERAL = re.compile(r"\s*[,;]\s+")  # diffusion, robots


def topic_query(text: str, today: date) -> Query:
    """What a topic asks for. Raises UserError, one sentence, when it cannot match anything, or has
    something that is not understood: then with what is, as a choice."""
    if not text.strip():
        example = usage("subscribe", topic="kv cache")
        raise UserError(f"Write the topic after the command, for example: {example}")
    if len(text) > MOST_CHARACTERS:
        raise UserError(f"A topic may have {MOST_CHARACTERS} characters; this one has {len(text)}.")
    query = _parsed(text, today)
    check(query, today)
    if query.all(Sort):
        raise UserError("A topic has no order; sort: is for searches.", _choices(query))
    if query.notes:
        raise UserError(query.notes[0], _meanings(text, query))
    if _SEVERAL.search(text) and not query.all(AnyOf):
        either = _SEVERAL.sub(" OR ", text.strip(" ,;"))
        together = _SEVERAL.sub(" ", text.strip(" ,;"))
        raise UserError(
            "Papers with any of these, or with all of them?", _choices(either, together)
        )
    return query


def check(query: Query, today: date) -> None:
    """Raises UserError, one sentence, for what no paper to come can match, or all of them do."""
    if query.asks_nothing:
        raise UserError("A topic needs at least one word to look for, such as: kv cache -survey")
    if query.paper:
        raise UserError("A topic is for papers to come; a link or a number is one paper.")
    dates = query.single(Dates)
    if dates and dates.before and dates.before <= today:
        raise UserError(f"A topic is for papers to come; there will be none {dates.english()}.")
    if not _can_match(query):
        raise UserError("That topic leaves out a word it looks for, so nothing could match.")


def _parsed(text: str, today: date) -> Query:
    try:
        return parse(text, today)
    except UserError as error:
        if error.choices:
            raise
        return Query()


def _choices(*meant: Query | str) -> list[tuple[str, str]]:
    """What to tap; nothing that would be refused for its length."""
    texts = [str(one.dropping(Sort)) if isinstance(one, Query) else one for one in meant]
    return [(cut(text, 40), text) for text in texts if 0 < len(text) <= MOST_CHARACTERS]


def _meanings(text: str, query: Query) -> list[tuple[str, str]]:
    """What to keep instead of what may mean several things, or is not all understood."""
    if not query.did_you_mean and not parse(str(query)).notes:
        return _choices(query)
    phrase = " ".join(text.replace('"', " ").split())
    quoted = [(f"The words “{phrase[:30]}”", text) for _, text in _choices(f'"{phrase}"')]
    return _choices(query.did_you_mean) + quoted


def _can_match(query: Query) -> bool:
    """Whether what is left out is not also looked for."""
    return any(map(_is_possible, query.branches))


def _is_possible(query: Query) -> bool:
    said = PaperText(Paper("", query.plain))
    return not any(
        one.unwanted in query.conditions or not one.matches(said) for one in query.all(Without)
    )


def saved(topic: Topic) -> Query | None:
    """The query of a topic that was kept; None when it cannot be read."""
    return _query(topic.text)


def is_topic(topic: Topic, text: str) -> bool:
    """Whether a person means that topic, however it is written."""
    meant, kept = _query(typed(text)), saved(topic)
    if meant is None or kept is None:
        return topic.text == typed(text)
    return meant.key == kept.key


def is_like(topic: Topic, text: str) -> bool:
    """Whether a person may mean that topic: it has the words, or they are spelled nearly so."""
    meant, kept = (one.replace('"', " ").casefold().split() for one in (typed(text), topic.text))
    if all(any(one.startswith(word) for one in kept) for word in meant):
        return bool(meant)
    return SequenceMatcher(None, " ".join(meant), " ".join(kept)).ratio() >= _NEAR


def matching(topics: Iterable[Topic], paper: Paper) -> tuple[str, ...]:
    """The texts of the topics that match, in order."""
    text = paper_text(paper)
    queries = ((topic.text, saved(topic)) for topic in topics)
    return tuple(name for name, query in queries if query and query.matches(text))


@lru_cache(maxsize=16_384)
def _query(text: str) -> Query | None:
    try:
        return parse(text)
    except UserError:
        return None
