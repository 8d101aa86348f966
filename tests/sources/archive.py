"""arXiv's OAI-PMH server, as its source and its help page describe it, with what can go wrong.

It keeps records with the day of their last change, in sets; it gives them by day and id, in pages
with tokens. A token is the last record's place, so that it goes on there whatever was added since.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from html import escape

from tests.sources.feed import Feed, answer

OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
ARXIV = 'xmlns="http://arxiv.org/OAI/arXiv/"'
PREFIX = "oai:arXiv.org:"


@dataclass(frozen=True)
class Entry:
    """One paper. `metadata` takes the place of what is made of the other fields."""

    id: str
    datestamp: date
    categories: str = "cs.CL"
    title: str = "A title"
    created: str = ""
    deleted: bool = False
    metadata: str | None = None

    @property
    def sets(self) -> list[str]:
        return [spec(category) for category in self.categories.split()]

    @property
    def xml(self) -> str:
        status = ' status="deleted"' if self.deleted else ""
        sets = "".join(f"<setSpec>{name}</setSpec>" for name in self.sets)
        header = (
            f"<header{status}><identifier>{PREFIX}{self.id}</identifier>"
            f"<datestamp>{self.datestamp}</datestamp>{sets}</header>"
        )
        return f"<record>{header}{'' if self.deleted else self._metadata}</record>"

    @property
    def _metadata(self) -> str:
        if self.metadata is not None:
            return f"<metadata>{self.metadata}</metadata>"
        created = f"<created>{self.created}</created>" if self.created else ""
        return (
            f"<metadata><arXiv {ARXIV}><id>{self.id}</id>{created}"
            f"<title>{escape(self.title)}</title><categories>{self.categories}</categories>"
            "</arXiv></metadata>"
        )


def spec(category: str) -> str:
    """Written out for the tests' categories, so that it is not the program's own rule."""
    return {
        "cs.CL": "cs:cs:CL", "cs.LG": "cs:cs:LG", "cs": "cs:cs", "math.AG": "math:math:AG",
        "stat.ML": "stat:stat:ML", "q-bio.BM": "q-bio:q-bio:BM", "hep-th": "physics:hep-th",
        "physics.bio-ph": "physics:physics:bio-ph", "astro-ph.CO": "physics:astro-ph:CO",
        "astro-ph": "physics:astro-ph", "cond-mat.mes-hall": "physics:cond-mat:mes-hall",
        "math-ph": "physics:math-ph", "math.MP": "math:math:MP", "eess.AS": "eess:eess:AS",
        "econ.GN": "econ:econ:GN", "q-fin.EC": "q-fin:q-fin:EC", "quant-ph": "physics:quant-ph",
    }[category]  # fmt: skip


def reply(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH {OAI}>'
        f"<responseDate>2025-10-01T00:00:00Z</responseDate><request/>{body}</OAI-PMH>"
    ).encode()


def error(code: str) -> bytes:
    """OAI-PMH's own errors come with HTTP 200."""
    return reply(f'<error code="{code}">words</error>')


def page(*entries: Entry, token: str = "") -> bytes:
    more = f'<resumptionToken expires="2025-10-02T00:00:00Z">{token}</resumptionToken>'
    records = "".join(entry.xml for entry in entries)
    return reply(f"<ListRecords>{records}{more if token else ''}</ListRecords>")


@dataclass(frozen=True)
class _Token:
    since: str
    chosen: str
    after: tuple[date, str]


@dataclass
class Archive(Feed):
    """Set `today`, announce papers, and give faults in `faults`: each is an answer, used once."""

    today: date = date(2025, 10, 1)
    size: int = 3  # records of a page
    faults: list[bytes] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)  # in moderation: nobody sees them
    broken_sets: dict[str, bytes] = field(default_factory=dict)  # what their lists answer

    def __post_init__(self) -> None:
        super().__init__()
        self._tokens: dict[str, _Token] = {}
        self._issued = 0

    def announce(self, paper_id: str, categories: str = "cs.CL", **fields: object) -> None:
        """New, or changed: either way its datestamp is today."""
        entry = Entry(paper_id, self.today, categories)
        self.entries[paper_id] = replace(entry, **fields)  # type: ignore[arg-type]

    def submit(self, paper_id: str, categories: str = "cs.CL") -> None:
        self.held[paper_id] = categories

    def release(self, paper_id: str) -> None:
        self.announce(paper_id, self.held.pop(paper_id))

    def expire_tokens(self) -> None:
        self._tokens.clear()

    @property
    def lists(self) -> list[dict[str, str]]:
        """What its lists were asked, without the verb."""
        asked = (dict(query) for _, query in self.asked)
        return [query for query in asked if query.pop("verb", "") == "ListRecords"]

    @property
    def since(self) -> list[str]:
        """The days from which lists were asked for."""
        return [query["from"] for query in self.lists if "from" in query]

    def reply(self, path: str, query: dict[str, str]) -> bytes:
        if path != "/oai":
            return answer(b"", 404)
        if self.faults:
            return self.faults.pop(0)
        asked = dict(query)
        verb = asked.pop("verb", "")
        if verb == "ListRecords":
            return self._list(asked)
        return answer(self._record(asked) if verb == "GetRecord" else error("badVerb"))

    def _record(self, asked: dict[str, str]) -> bytes:
        if set(asked) != {"identifier", "metadataPrefix"}:
            return error("badArgument")
        entry = self.entries.get(asked["identifier"].removeprefix(PREFIX))
        if entry is None:
            return error("idDoesNotExist")
        return reply(f"<GetRecord>{entry.xml}</GetRecord>")

    def _list(self, asked: dict[str, str]) -> bytes:
        if "resumptionToken" in asked:
            token = self._tokens.get(asked["resumptionToken"])
            if len(asked) > 1 or token is None:
                return answer(error("badArgument" if token else "badResumptionToken"))
        else:
            known = set(asked) == {"metadataPrefix", "from", "set"}
            if not known or asked["metadataPrefix"] != "arXiv" or asked["from"] > str(self.today):
                return answer(error("badArgument"))
            token = _Token(asked["from"], asked["set"], (date.min, ""))
        return self.broken_sets.get(token.chosen) or answer(self._page(token))

    def _page(self, token: _Token) -> bytes:
        ordered = sorted(self.entries.values(), key=lambda entry: (entry.datestamp, entry.id))
        matching = [
            entry
            for entry in ordered
            if str(entry.datestamp) >= token.since
            and (entry.datestamp, entry.id) > token.after
            and any(f"{name}:".startswith(f"{token.chosen}:") for name in entry.sets)
        ]
        shown = matching[: self.size]
        if not shown:
            return error("noRecordsMatch")
        if len(matching) == len(shown):
            return page(*shown)
        self._issued += 1
        # As arXiv's: percent signs and all, to be sent back as it stands.
        name = f"verb%3DListRecords%26from%3D{token.since}%26skip%3D{self._issued}"
        last = (shown[-1].datestamp, shown[-1].id)
        self._tokens[name] = _Token(token.since, token.chosen, last)
        return page(*shown, token=name)
