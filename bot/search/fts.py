"""FTS5's syntax: the one place where it is written."""

from __future__ import annotations

from collections.abc import Iterable

from bot.query.clause import And, Consecutive, Not, Or, Text


def expression(wanted: Iterable[Text], unwanted: Iterable[Text] = ()) -> str:
    """The papers that have all of what is wanted, and none of what is unwanted.

    Empty when nothing is wanted: FTS5 can only take away from what it found.
    """
    required, excluded = _all(wanted), any_of(unwanted)
    return f"({required}) NOT ({excluded})" if required and excluded else required


def any_of(clauses: Iterable[Text]) -> str:
    """The papers that have any of it; empty when that is nothing."""
    return " OR ".join(_bracketed(clause) for clause in clauses)


def _all(clauses: Iterable[Text]) -> str:
    clauses = tuple(clauses)
    wanted = [clause for clause in clauses if not isinstance(clause, Not)]
    unwanted = [clause.clause for clause in clauses if isinstance(clause, Not)]
    required = " AND ".join(map(_bracketed, wanted))
    return f"({required}) NOT ({any_of(unwanted)})" if required and unwanted else required


def _bracketed(clause: Text) -> str:
    return _written(clause) if isinstance(clause, Consecutive) else f"({_written(clause)})"


def _written(clause: Text) -> str:
    match clause:
        case Consecutive(stems, field, prefix):
            column = f"{field} : " if field else ""
            return f"{column}{_string(' '.join(stems))}{' *' if prefix else ''}"
        case And(clauses):
            return _all(clauses)
        case Or(clauses):
            return any_of(clauses)
        case Not():
            raise ValueError("FTS5 cannot ask for what papers do not have alone")


def _string(text: str) -> str:
    """As an FTS5 string: nothing in it is syntax."""
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'
