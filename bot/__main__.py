"""The way in: Ctrl-C ends it without a traceback, also while the rest is being loaded."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line's command."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot import cli

    signal.signal(signal.SIGINT, before)
    cli.main(prog_name="daily-papers")


if __name__ == "__main__":
    main()
