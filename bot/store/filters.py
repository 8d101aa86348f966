"""What papers must be, whatever their words: as SQL, and where in the store such papers are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.query.clause import AtLeast, Dated, Fact, Known
from bot.store import Store, Value, day

PkRange = tuple[int, int]  # the first and the last number (pk) of some papers
DATED = "coalesce(p.published, p.day)"
EVERYWHERE: PkRange = (0, 2**62)
FEW = 5  # a fifth of all papers: to count so many takes milliseconds
NEWEST = 50  # the newest fiftieth
_NUMBERS = frozenset(["votes", "comments", "stars"])  # columns of `papers`
_NULLABLE = frozenset(["code", "project", "organization"])


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a paper `p` in SQL. `with_pk_range` finds its range: papers are stored much as they came.

    Raises ValueError for a fact that no column has.
    """

    facts: tuple[Fact, ...] = ()
    unvoted: bool = False
    without: str = ""  # an expression it must not match, where there is none that it must
    by: str = ""  # a query of authors: FTS5 has those of a paper in a row
    not_by: str = ""  # the same, of authors that it may not have
    not_by_match: str = ""  # an expression that has all papers by those, and more
    pks: PkRange = EVERYWHERE  # no paper outside it passes

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def params(self) -> dict[str, Value]:
        first, last = self.pks
        dates = self.dates
        return {
            "after": dates.after, "before": dates.before,
            "without": self.without, "by": self.by, "not_by": self.not_by,
            "not_by_match": self.not_by_match, "first": first, "last": last,
            **{f"least_{f.fact}": f.least for f in self.facts if isinstance(f, AtLeast)},
        }  # fmt: skip

    @property
    def dates(self) -> Dated:
        dates = (fact for fact in self.facts if isinstance(fact, Dated))
        return next(dates, Dated(None, None))

    @property
    def by_votes(self) -> bool:
        return any(isinstance(fact, AtLeast) and fact.fact == "votes" for fact in self.facts)

    @property
    def dated(self) -> str:
        """The date. Where other facts are asked for, their indexes are to be used, not its."""
        return DATED if all(isinstance(fact, Dated) for fact in self.facts) else f"+{DATED}"

    @property
    def conditions(self) -> list[str]:
        """One for each fact; most have an index."""
        return [condition for fact in self.facts if (condition := _condition(fact))]

    @property
    def where(self) -> str:
        """All of them; true of every paper where there are none."""
        without = """p.pk NOT IN (SELECT rowid FROM papers_fts
            WHERE papers_fts MATCH :without AND rowid BETWEEN :first AND :last)"""
        conditions = [condition.replace(DATED, self.dated) for condition in self.conditions]
        not_by = """p.pk NOT IN (SELECT q.pk FROM papers_fts CROSS JOIN papers AS q
            ON q.pk = papers_fts.rowid
            WHERE papers_fts MATCH :not_by_match AND is_by(:not_by, q.authors))"""
        conditions += ["p.votes IS NULL"] * self.unvoted + [without] * bool(self.without)
        conditions += ["is_by(:by, p.authors)"] * bool(self.by) + [not_by] * bool(self.not_by)
        return " AND ".join(conditions) or "true"

    @property
    def scan_direction(self) -> str:
        """Of pk, that in which some are soon found: upwards, where new ones are left out."""
        return "ASC" if self.dates.before and self.pks == EVERYWHERE else "DESC"

    def having(self, fact: Fact) -> Filters:
        """With one fact more, in place of one of its kind."""
        others = (other for other in self.facts if type(other) is not type(fact))
        return replace(self, facts=(*others, fact))


def _condition(fact: Fact) -> str:
    match fact:
        case AtLeast(column, _) if column in _NUMBERS:
            return f"p.{column} >= :least_{column}"
        case Known(column) if column in _NULLABLE:
            return f"p.{column} IS NOT NULL"
        case Dated(after, before):
            since = [f"{DATED} >= :after"] if after else []
            return " AND ".join(since + ([f"{DATED} < :before"] if before else []))
    raise ValueError(f"no column has {fact}")


async def with_pk_range(store: Store, filters: Filters) -> Filters:
    """With the range of what passes, where that is few: FTS5 then skips all others."""
    if not filters.conditions:
        return filters
    first, last = EVERYWHERE
    [[size]] = await store.rows("SELECT coalesce(max(pk), 0) FROM papers")
    most = size // FEW + 1
    for condition in filters.conditions:
        sql = f"""SELECT min(pk), max(pk), count(*)
            FROM (SELECT pk FROM papers AS p WHERE {condition} LIMIT :most)"""
        [[least, greatest, papers]] = await store.rows(sql, **filters.params, most=most)
        if papers < most:
            first, last = max(first, least or 1), min(last, greatest or 0)
    return replace(filters, pks=(first, last))


async def newest_slice(store: Store, filters: Filters) -> Filters:
    """The same, and among the newest of what the dates leave; their range is narrow."""
    dates = Filters((filters.dates,))
    sql = f"""SELECT {DATED} FROM papers AS p WHERE {dates.where} ORDER BY {DATED} DESC
        LIMIT 1 OFFSET (SELECT coalesce(max(pk), 0) / {NEWEST} FROM papers)"""
    row = await store.row(sql, **dates.params)
    since: date | None = day(row[0]) if row else None
    if since is None:
        return filters
    return await with_pk_range(store, filters.having(Dated(since, filters.dates.before)))
