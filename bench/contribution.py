"""The line that says what a paper does: held against sentences labelled by hand, and its cost.

contribution.tsv has, for 400 recorded papers, how many sentences the abstract has, the numbers of
those that say what the paper does (good), and of those that say a part of it (acceptable); what is
in neither says nothing. `dev` was looked at while the scorer was made, `held` only measured.
"""

import csv
import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from _table import ROOT, part, row

from bot.contribution import COMPACT, RICH, Line, line
from bot.contribution.splitting import sentences
from bot.text import plain

SOURCE = ROOT.parent / "shared/data/hf_daily"
LABELS = Path(__file__).with_suffix(".tsv")
_PROPOSE = re.compile(r"\b[Ww]e (?:\w+ )?(?:propose|introduce|present|show|develop)\b")
LEFT_OVER = {
    "braces": re.compile(r"[{}]"),
    "backslashes": re.compile(r"\\"),
    "quotation marks of TeX": re.compile("``|''"),
    "two hyphens": re.compile(r"(?<=[\s\w])---?(?=[\s\w])(?<!\s--)(?=\s|\w)"),
    "carets": re.compile(r"(?<!\s)\^"),
    "subscripts": re.compile(r"(?<![\w/.:-])[A-Za-zα-ω]{1,3}_[A-Za-z0-9](?![\w/])"),
    "words of symbols": re.compile(r"\dtimes\b|\bsim\d|\b[lg]eq\b|varepsilon|math(?:cal|bb)"),
    "space before a colon": re.compile(r"\w :\s"),
}
_ADDRESS = re.compile(r"https?://\S+")


class Text(NamedTuple):
    title: str
    abstract: str


class Label(NamedTuple):
    half: str
    id: str
    sentences: int
    good: frozenset[int]
    acceptable: frozenset[int]


def recorded() -> dict[str, Text]:
    found: dict[str, Text] = {}
    for path in sorted(SOURCE.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for paper in (json.loads(item)["paper"] for item in lines):
                found.setdefault(paper["id"], Text(paper["title"], paper.get("summary") or ""))
    return found


def labels() -> list[Label]:
    with LABELS.open(encoding="utf-8") as file:
        return [
            Label(r["half"], r["id"], int(r["sentences"]), _set(r["good"]), _set(r["acceptable"]))
            for r in csv.DictReader(file, delimiter="\t")
        ]


def _set(numbers: str) -> frozenset[int]:
    return frozenset(map(int, numbers.split(","))) if numbers != "-" else frozenset()


def first(text: Text) -> Line:
    return Line(sentences(plain(text.abstract))[0], 1)


def first_proposed(text: Text) -> Line:
    found = sentences(plain(text.abstract))
    number = next((n for n, s in enumerate(found) if _PROPOSE.search(s)), 0)
    return Line(found[number], number + 1)


def interval(hits: int, of: int) -> str:
    """Wilson's, 95 %."""
    p, z = hits / of, 1.96
    middle, half = p + z * z / 2 / of, z * sqrt(p * (1 - p) / of + z * z / 4 / of / of)
    low, high = (100 * end / (1 + z * z / of) for end in (middle - half, middle + half))
    return f"{low:.1f}-{high:.1f}"


def share(what: str, hits: int, of: int, target: str = "", met: bool = True) -> None:
    row(
        what,
        f"{100 * hits / of:.1f} %",
        f"{hits} of {of}, {interval(hits, of)}",
        target=target,
        met=met,
    )


def judge(
    name: str, choose: Callable[[Text], Line], half: list[Label], texts: dict[str, Text]
) -> None:
    lines = [(label, choose(texts[label.id])) for label in half]
    good = sum(shown.sentence in label.good for label, shown in lines)
    said = sum(shown.sentence in label.good | label.acceptable for label, shown in lines)
    cut, bad = sum(not shown.whole for _, shown in lines), len(lines) - said
    again = sum(_same(texts[label.id].title, shown.text) for label, shown in lines)
    n, goal = len(lines), name.startswith("ours") and half[0].half == "held"
    share(f"{name}: says what the paper does", good, n, "95 %" * goal, good >= 0.95 * n)
    share(f"{name}: says nothing, or misleads", bad, n, "1 %" * goal, bad <= 0.01 * n)
    share(f"{name}: breaks off", cut, n, "5 %" * goal, cut <= 0.05 * n)
    share(f"{name}: is the title again", again, n, "0" * goal, not again)


def _same(title: str, shown: str) -> bool:
    title, shown = (re.sub(r"\W+", " ", plain(text)).lower().strip() for text in (title, shown))
    return shown == title or (title in shown and len(shown) < len(title) + 25)


def left_over(texts: dict[str, Text]) -> None:
    shown = {
        "titles": [plain(text.title) for text in texts.values()],
        "lines": [line(*text, RICH).text for text in texts.values()],
        "abstracts": [plain(text.abstract) for text in texts.values()],
    }
    for what, found in shown.items():
        bare = [_ADDRESS.sub("", text) for text in found]
        counts = {kind: sum(map(bool, map(p.search, bare))) for kind, p in LEFT_OVER.items()}
        some = sum(any(p.search(text) for p in LEFT_OVER.values()) for text in bare)
        most = len(bare) // 200 if what == "abstracts" else 0
        share(f"{what} with LaTeX left over", some, len(bare), f"{most}", some <= most)
        print("   ", ", ".join(f"{kind} {count}" for kind, count in counts.items() if count))


def cost(texts: dict[str, Text]) -> None:
    some = list(texts.values())[::40]
    best = [min(_seconds(text) for _ in range(7)) for text in some]
    row("a paper's line", f"{mean(best) * 1e6:.0f} µs", f"mean of {len(some)}", target="200 µs",
        met=mean(best) < 200e-6)  # fmt: skip


def _seconds(text: Text) -> float:
    begun = time.perf_counter()
    line(*text, RICH)
    return time.perf_counter() - begun


def main() -> None:
    if not SOURCE.exists():
        sys.exit(print(f"Not measured: {SOURCE} not found."))
    texts, every = recorded(), labels()
    moved = [r.id for r in every if len(sentences(plain(texts[r.id].abstract))) != r.sentences]
    if moved:
        print(f"Sentences are split otherwise than when they were labelled: {', '.join(moved)}")
    for half in ("dev", "held"):
        part(f"{half}: {sum(r.half == half for r in every)} papers")
        of = [r for r in every if r.half == half]
        judge("first sentence", first, of, texts)
        judge('first "we propose"', first_proposed, of, texts)
        judge(f"ours, {RICH}", lambda text: line(*text, RICH), of, texts)
        judge(f"ours, {COMPACT}", lambda text: line(*text, COMPACT), of, texts)
    part(f"all {len(texts)} papers")
    for limit in (RICH, COMPACT):
        shown = [line(*text, limit) for text in texts.values() if text.abstract]
        cut = sum(not found.whole for found in shown)
        share(f"{limit} characters: breaks off", cut, len(shown), "5 %", cut <= 0.05 * len(shown))
    left_over(texts)
    cost(texts)


if __name__ == "__main__":
    main()
