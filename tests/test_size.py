"""The code stays readable: short files, short functions."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for folder in ("bot", "adapters") for path in (ROOT / folder).rglob("*.py"))
MOST_LINES = 300  # in one file, all counted
MOST_OF_NINE = 16  # in the longest of the shortest nine tenths of all functions


def lengths(source: str) -> list[int]:
    """Of every function, in lines, without its docstring."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = ast.get_docstring(node, clean=False)
            docstring = len(doc.splitlines()) if doc else 0
            found.append((node.end_lineno or node.lineno) - node.lineno + 1 - docstring)
    return sorted(found)


def test_a_functions_length_is_without_its_docstring() -> None:
    assert lengths(
        'def a():\n    """Doc.\n\n    More."""\n    return 1\n\nasync def b(): ...\n'
    ) == [1, 2]


def test_no_file_is_longer_than_a_sitting() -> None:
    long = {p.name: n for p in FILES if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_nine_functions_in_ten_are_short() -> None:
    every = sorted(length for path in FILES for length in lengths(path.read_text()))
    assert every[int(len(every) * 0.9)] <= MOST_OF_NINE
