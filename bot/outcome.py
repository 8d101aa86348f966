"""What becomes of a delivery after an attempt: the table of faults, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import PostError
from bot.model import Delivery
from bot.ports import Adapter

POISON = 5  # a post that breaks our own code this often is set aside
GIVE_UP = 80  # attempts that never left, five minutes apart at the end: about six hours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a delivery after an attempt."""

    state: str
    reason: str = ""
    again_in: float = 0.0  # seconds, for 'retry'
    ambiguous_at: datetime | None = None  # since when it may have arrived
    message_id: str | None = None  # the platform's proof, for 'sent'


def outcome(delivery: Delivery, error: PostError, adapter: Adapter, now: datetime) -> Outcome:
    """Pure. Never sends twice what may have arrived: unless the platform knows the repeat, or we
    can look there first."""
    reason = str(error)
    if error.permanent or error.refused:
        return Outcome("dead", reason)
    pause = error.retry_after
    if error.moved_to and error.moved_to != delivery.destination.address:
        pause = 0.0
    elif pause is None:
        pause = min(2.0 ** (delivery.attempts - 1), 300.0)
    since = delivery.ambiguous_at or ((delivery.tried_at or now) if error.ambiguous else None)
    if since is not None and not adapter.reads_back:
        in_time = now + timedelta(seconds=pause) < since + adapter.resend_within
        return Outcome("retry" if in_time else "unknown", reason, pause, since)
    if delivery.attempts >= GIVE_UP:
        given_up = f"given up after {delivery.attempts} attempts: {reason}"
        return Outcome("unknown" if since else "dead", given_up)
    return Outcome("retry", reason, pause, since)


def broken(delivery: Delivery) -> Outcome:
    """Our own code could not write it, or post it."""
    if delivery.attempts >= POISON:
        return Outcome("dead", "it could not be written; see the log")
    return Outcome("retry", "it could not be written; see the log", 2.0**delivery.attempts)
