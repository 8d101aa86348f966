"""States as SQL has them, made of the enums: each word is written in one place."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from bot import states
from bot.states import DeliveryState, SubscriptionState


def one_of(words: Iterable[StrEnum]) -> str:
    """`('pending', 'retry')`: literals, because a partial index is not used for parameters."""
    quoted = (f"'{word}'" for word in words)
    return f"({', '.join(quoted)})"


ON = f"state = '{SubscriptionState.ON}'"
OFF = f"state = '{SubscriptionState.OFF}'"
UNSENT = f"state IN {one_of(states.UNSENT)}"
SENDING = f"state = '{DeliveryState.SENDING}'"
# Whether `d`'s deliveries are of the past of `s`: its own, and those of a subscription that was
# deleted and brought the same, by its name or by its query.
OF_ITS_PAST = """d.platform = s.platform AND d.address = s.address AND (d.subscription = s.id
    OR d.subscription IS NULL AND d.kind = s.kind AND (d.name = s.name OR d.query = s.query))"""
# What may have arrived did not fail: its papers do not come again by themselves.
ENDED = f"""CASE WHEN ambiguous_at IS NOT NULL OR doubted THEN '{DeliveryState.UNKNOWN}'
    ELSE :state END"""
