"""The commands: one function each, known to every platform by this registry."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.context import Context
from bot.dialogue import Choice, Message, Request, Usage

Run = Callable[[Context, Request], Awaitable[Message]]
Suggest = Callable[[Context, Request, str], Awaitable[Sequence[Choice]]]


@dataclass(frozen=True, slots=True)
class Option:
    """One named part of a command's text. Platforms without options take the text as typed."""

    name: str
    summary: str  # at most 100 characters
    required: bool = False
    suggest: Suggest | None = None  # autocomplete
    named: bool = False  # its value is told apart by its name: `time:9` is no number of papers


@dataclass(frozen=True, slots=True)
class Command:
    """What a platform must know to offer a command."""

    name: str  # 1 to 32 of a-z
    summary: str  # at most 100 characters
    run: Run
    options: tuple[Option, ...] = ()
    private: bool = False  # the answer is for the asker alone
    admin: bool = False  # changes a place: only for who may manage it
    hidden: bool = False  # only buttons call it
    example: Usage | None = None  # how it may be typed
    bare: bool = False  # takes no words
    other: str = ""  # where it takes none: how to have what they may mean


_REGISTRY: dict[str, Command] = {}
_FIRST = (
    "help",
    "read",
    "search",
    "similar",
    "personal",
    "admin",
)  # modules, in the order people need them


def command(
    *options: Option, private: bool = False, admin: bool = False, hidden: bool = False,
    other: str = "", **example: str,
) -> Callable[[Run], Run]:  # fmt: skip
    """Register a function as a command: its name, and its docstring's first line as help.

    example: values of its options, for people to see how it is typed
    """

    def register(run: Run) -> Run:
        summary = (run.__doc__ or "").strip().splitlines()[0].rstrip(".")
        name = run.__name__
        shown = Usage(name, tuple(example.items()), here=admin) if example else None
        _REGISTRY[name] = Command(
            name,
            summary,
            run,
            options,
            private,
            admin,
            hidden,
            shown,
            not (options or hidden),
            other,
        )
        return run

    return register


def registry() -> Mapping[str, Command]:
    """Every command by name, in the order to list them: a new one is a function in this folder."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    known = sorted(_REGISTRY.items(), key=lambda item: _rank(item[1].run.__module__))
    return dict(known)


def _rank(module: str) -> int:
    """Within a module, commands keep the order they are written in."""
    name = module.rpartition(".")[2]
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)
