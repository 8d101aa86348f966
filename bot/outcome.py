"""What becomes of a delivery after an attempt: the table of faults, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import NotSent, PostError
from bot.model import Delivery, Receipt
from bot.ports import Adapter
from bot.states import DeliveryState

POISON = 5  # a post that breaks our own code this often is set aside
FOLLOWED = 3  # attempts after which an address that moves on and on is not followed at once
SECOND_LOOK = 60.0  # seconds until a platform that blames the place is asked once more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a delivery after an attempt."""

    state: DeliveryState
    reason: str = ""
    again_in: float = 0.0  # seconds, for a retry
    ambiguous_at: datetime | None = None  # since when it may have arrived
    receipt: Receipt | None = None  # the platform's proof, of what was sent
    suspected: bool = False  # the platform blamed the place: a second time is believed
    plain: bool = False  # the usual form was refused: next in the plainest
    lost: bool = False  # the place takes no posts any more


def outcome(delivery: Delivery, error: PostError, adapter: Adapter, now: datetime) -> Outcome:
    """Pure. Never sends twice what may have arrived: unless the platform knows the repeat, or we
    can look there first. What is tried again ends at the delivery's deadline."""
    held_back = isinstance(error, NotSent) and delivery.reason
    reason = delivery.reason if held_back else str(error)
    if delivery.suspected if error.permanent else (error.refused and delivery.plain):
        return Outcome(DeliveryState.DEAD, reason, lost=error.permanent)
    pause = min(2.0 ** min(delivery.attempts - 1, 9), 300.0)
    if error.permanent:
        pause = SECOND_LOOK
    elif error.refused or (_moved(delivery, error) and delivery.attempts <= FOLLOWED):
        pause = 0.0
    elif error.retry_after is not None:
        pause = error.retry_after
    suspected = delivery.suspected or error.permanent
    since = delivery.ambiguous_at or ((delivery.tried_at or now) if error.ambiguous else None)
    if since and since > now:  # the clock went back: nobody knows how long ago that was
        since = now - adapter.resend_within
    again = now + timedelta(seconds=pause)
    if since and not adapter.reads_back and not is_recognised(since, again, adapter):
        return Outcome(DeliveryState.UNKNOWN, reason, pause, since, suspected=suspected)
    return Outcome(
        DeliveryState.RETRY, reason, pause, since, suspected=suspected, plain=error.refused
    )


def _moved(delivery: Delivery, error: PostError) -> bool:
    return bool(error.moved_to) and error.moved_to != delivery.destination.address


def is_recognised(since: datetime, moment: datetime, adapter: Adapter) -> bool:
    """Whether the platform still knows, at that moment, the key of what may have arrived since."""
    return since <= moment < since + adapter.resend_within


def broken_off(delivery: Delivery, adapter: Adapter, now: datetime) -> Outcome:
    """An adapter raised what no adapter should: it may have arrived before."""
    error = PostError("it broke off while it was sent; see the log", ambiguous=True)
    result = outcome(delivery, error, adapter, now)
    return replace(result, state=DeliveryState.UNKNOWN) if delivery.attempts >= POISON else result


def broken(delivery: Delivery) -> Outcome:
    """Our own code could not write it."""
    reason = "it could not be written; see the log"
    if delivery.attempts >= POISON:
        return Outcome(DeliveryState.DEAD, reason)
    return Outcome(
        DeliveryState.RETRY, reason, 2.0**delivery.attempts, suspected=delivery.suspected
    )
