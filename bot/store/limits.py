"""What papers must be, whatever their words: as SQL, and where in the store such papers are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.store import Store, Value, day

Span = tuple[int, int]  # the first and the last number (pk) of some papers
DATED = "coalesce(p.published, p.day)"
EVERYWHERE: Span = (0, 2**62)
FEW = 5  # a fifth of all papers: to count so many takes milliseconds
LATELY = 50  # the newest fiftieth


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a paper `p` in SQL. `narrowed` finds the span: papers are stored much as they came."""

    after: date | None = None
    before: date | None = None
    votes: int | None = None
    code: bool = False
    unvoted: bool = False
    without: str = ""  # an expression it must not match, where there is none that it must
    span: Span = EVERYWHERE  # no paper outside it is within these limits

    def __bool__(self) -> bool:
        return self != Limits()

    @property
    def params(self) -> dict[str, Value]:
        first, last = self.span
        return {
            "after": self.after, "before": self.before, "votes": self.votes,
            "without": self.without, "first": first, "last": last,
        }  # fmt: skip

    @property
    def dated(self) -> str:
        """The date. Where votes or code are asked for, their indexes are to be used, not its."""
        return DATED if self.votes is None and not self.code else f"+{DATED}"

    @property
    def conditions(self) -> list[str]:
        """One for each index there is."""
        dates = [f"{DATED} >= :after"] if self.after else []
        dates += [f"{DATED} < :before"] if self.before else []
        return (
            [" AND ".join(dates)] * bool(dates)
            + ["p.votes >= :votes"] * (self.votes is not None)
            + ["p.code IS NOT NULL"] * self.code
        )

    @property
    def where(self) -> str:
        """All of them; true of every paper where there are none."""
        without = """p.pk NOT IN (SELECT rowid FROM papers_fts
            WHERE papers_fts MATCH :without AND rowid BETWEEN :first AND :last)"""
        found = [one.replace(DATED, self.dated) for one in self.conditions]
        found += ["p.votes IS NULL"] * self.unvoted + [without] * bool(self.without)
        return " AND ".join(found) or "true"

    @property
    def order(self) -> str:
        """Of pk, that in which some are soon found: upwards, where new ones are left out."""
        return "ASC" if self.before and self.span == EVERYWHERE else "DESC"


async def narrowed(store: Store, limits: Limits) -> Limits:
    """With the span of what the limits leave, where that is few: FTS5 then skips all others."""
    if not limits.conditions:
        return limits
    first, last = EVERYWHERE
    [[size]] = await store.rows("SELECT coalesce(max(pk), 0) FROM papers")
    most = size // FEW + 1
    for condition in limits.conditions:
        sql = f"""SELECT min(pk), max(pk), count(*)
            FROM (SELECT pk FROM papers AS p WHERE {condition} LIMIT :most)"""
        [[least, greatest, papers]] = await store.rows(sql, **limits.params, most=most)
        if papers < most:
            first, last = max(first, least or 1), min(last, greatest or 0)
    return replace(limits, span=(first, last))


async def lately(store: Store, limits: Limits) -> Limits:
    """The same, and among the newest of what the dates leave; their span is narrow."""
    dates = Limits(limits.after, limits.before)
    sql = f"""SELECT {DATED} FROM papers AS p WHERE {dates.where} ORDER BY {DATED} DESC
        LIMIT 1 OFFSET (SELECT coalesce(max(pk), 0) / {LATELY} FROM papers)"""
    row = await store.row(sql, **dates.params)
    since = day(row[0]) if row else None
    return await narrowed(store, replace(limits, after=since)) if since else limits
