"""Days and moments as options of the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import click


def moment(text: str) -> datetime:
    """As ISO 8601 has it, with a space or a T; in UTC where no offset is written. Raises
    BadParameter."""
    iso = re.sub(r"\s*(?:UTC|GMT)$", "Z", text.strip().upper())
    iso = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", iso)
    try:
        found = datetime.fromisoformat(iso)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text[:40]!r} is no moment; write it like 2025-06-12, '2025-06-12 07:00' (UTC) or "
            "2025-06-12T09:00+02:00."
        ) from None


def day(text: str) -> date:
    """Raises BadParameter."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter(f"{text[:40]!r} is no day; write it like 2025-06-12.") from None
