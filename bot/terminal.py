"""The terminal and the standard streams as they really are: closed, in an old encoding, a pipe that
nobody reads, or the terminal of another job."""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.errors import DailyPapersError


class OutputError(DailyPapersError):
    """Standard output takes no more. `unread`: its reader has gone, which is no fault."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"The output cannot be written: {error.strerror}.")
        self.unread = error.errno in (errno.EPIPE, errno.EIO)  # EIO: its terminal has gone


def prepare() -> None:
    """Before anything is read or written."""
    for number in (0, 1, 2):  # or a file that is opened later would be taken for the stream
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # A job in the background may write to its terminal, and is told of input that it cannot have.
    for name in ("SIGTTIN", "SIGTTOU"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def say(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Write a line, with ? for what the encoding lacks. Raises OutputError."""
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(fitted(text, getattr(stream, "encoding", None)), nl=nl, err=err)
    except OSError as error:
        if stream is sys.stdout:
            _drop_output()
        raise OutputError(error) from error


def tell(text: str) -> None:
    """Write a line of a result. When its reader has gone, that is no fault, and the work goes on:
    its exit status is the same however many lines were read. Raises OutputError."""
    try:
        say(text)
    except OutputError as fault:
        if not fault.unread:
            raise


def _drop_output() -> None:
    """Else what standard output holds is tried again at the program's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Commands(click.Group):
    """Its help, like everything else, may meet an output that takes no more."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:  # fmt: skip
        with _written():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _written():
            return super().invoke(ctx)


@contextmanager
def _written() -> Iterator[None]:
    """What click writes itself, past `say`."""
    try:
        yield
    except OSError as error:
        _drop_output()
        fault = OutputError(error)
        if fault.unread:
            raise SystemExit(0) from None
        raise click.ClickException(str(fault)) from None


def fitted(text: str, encoding: str | None) -> str:
    """With ? for each character that the encoding lacks. click writes UTF-8 where ASCII is set."""
    return text.encode(encoding or "utf-8", "replace").decode(encoding or "utf-8", "replace")


def speaks_unicode() -> bool:
    """Whether standard output takes every character."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")


def is_attended(*, alone: bool) -> bool:
    """Whether a person sits at the terminal and this is the job they see.

    alone: nothing but this terminal is served, so where nobody can tell it is taken for theirs.
    """
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return False
    return not in_background(unsure=not alone)


def in_background(*, unsure: bool = False) -> bool:
    """Whether standard input is the terminal of another job: what is typed there is not ours."""
    try:
        return os.tcgetpgrp(0) != os.getpgrp()
    except (AttributeError, OSError):  # Windows; a terminal that is not the one we were started at
        return unsure


def has_commands(seconds: float = 1.0) -> bool:
    """Whether commands come from a file or a pipe, or may yet: what is silent that long and is not
    at its end. Nothing is read."""
    try:
        kind = os.fstat(0)
        if stat.S_ISREG(kind.st_mode):
            return kind.st_size > os.lseek(0, 0, os.SEEK_CUR)
        if sys.stdin is None or not (stat.S_ISFIFO(kind.st_mode) or stat.S_ISSOCK(kind.st_mode)):
            return False  # /dev/null; a terminal has its own question
        poll = select.poll()
        poll.register(0, select.POLLIN)
        events = poll.poll(seconds * 1000)
    except (AttributeError, OSError):  # Windows has no poll
        return True
    return not events or bool(events[0][1] & select.POLLIN)
