"""arXiv's metadata file: its own form, the simpler one, and lines that nobody vouches for."""

import json
from datetime import date
from typing import Any

import pytest

from bot.model import Paper
from bot.sources import dump

ROW: dict[str, Any] = {
    "id": "0704.0001", "submitter": "A. Sender", "authors": "A. Author, Bj\\'orn Last Jr.",
    "title": "Tides of\n  basalt in $\\ell_p$", "comments": "3 pages", "doi": None,
    "categories": "hep-ph cs.CL", "abstract": "  We look at tides.\nThey turn.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Author", "A.", ""], ["Lást", "Björn", "Jr.", "A Lab"]],
}  # fmt: skip


def read(*rows: object) -> list[Paper | None]:
    return list(dump.papers(json.dumps(row).encode() for row in rows))


def test_a_paper_as_arxiv_writes_it() -> None:
    assert read(ROW) == [
        Paper(
            "0704.0001", "Tides of basalt in $\\ell_p$", "We look at tides. They turn.",
            ("A. Author", "Björn Lást Jr."), published=date(2007, 4, 2),
            categories=("hep-ph", "cs.CL"),
        )
    ]  # fmt: skip


def test_lists_and_a_plain_date_are_taken_too() -> None:
    simple = {
        "id": "hep-th/9901001", "title": "Tides", "authors": ["A. Author"], "date": "1999-01-02",
        "categories": ["hep-th"], "abstract": "Short.",
    }  # fmt: skip
    [found] = read(simple)
    assert found == Paper(
        "hep-th/9901001", "Tides", "Short.", ("A. Author",), published=date(1999, 1, 2),
        categories=("hep-th",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "published"),
    [
        ({"versions": []}, date(2008, 11, 26)),
        ({"versions": [{"created": "some day"}]}, date(2008, 11, 26)),
        ({"versions": [{"created": "Mon, 99 Apr 2007 19:18:42 GMT"}]}, date(2008, 11, 26)),
        ({"versions": [{"created": f"Mon, 2 Apr {'9' * 30} 19:18:42 GMT"}]}, date(2008, 11, 26)),
        ({"versions": "v1", "update_date": 2008}, None),
    ],
)
def test_a_date_that_cannot_be_read_is_the_next_best_or_none(
    change: dict[str, object], published: date | None
) -> None:
    [found] = read(ROW | change)
    assert found and found.published == published


@pytest.mark.parametrize(
    "change", [{"authors_parsed": "x"}, {"authors_parsed": [7, None]}, {"authors_parsed": [[]]}]
)
def test_authors_that_are_no_names_are_none(change: dict[str, object]) -> None:
    [found] = read(ROW | change)
    assert found and found.authors == ()


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"7", b"\xff\xfe", b"{}", b'{"id": "0704.0001"}', b"\x1f\x8b\x08",
     json.dumps(ROW | {"id": "no id"}).encode(), json.dumps(ROW | {"title": " "}).encode()],
)  # fmt: skip
def test_a_line_that_is_no_paper_is_none(line: bytes) -> None:
    assert list(dump.papers([line])) == [None]
