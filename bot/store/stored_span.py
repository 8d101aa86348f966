"""What the stored papers are, taken together: their days, and whether any has a fact."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.store import Store, day
from bot.store.filters import DATED

Column = Literal["categories", "organization"]


async def days(store: Store) -> tuple[date, date] | None:
    """The first and the last; None: no paper has a day."""
    ends = []
    for direction in ("ASC", "DESC"):
        sql = f"""SELECT {DATED} FROM papers AS p WHERE {DATED} IS NOT NULL
            ORDER BY {DATED} {direction} LIMIT 1"""
        row = await store.row(sql)
        ends.append(day(row[0]) if row else None)
    first, last = ends
    return (first, last) if first and last else None


async def is_known(store: Store, column: Column) -> bool:
    """Whether any paper has it."""
    row = await store.row(f"SELECT 1 FROM papers WHERE coalesce({column}, '[]') <> '[]' LIMIT 1")
    return row is not None
