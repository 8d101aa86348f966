"""What is told of a place's newest post, and what became of it."""

from __future__ import annotations

from typing import assert_never

from bot import dates
from bot.commands.context import Context
from bot.model import Delivery, Subscription
from bot.reasons import for_readers
from bot.states import LOST, DeliveryState
from bot.store import history
from bot.usage import usage


async def told(ctx: Context, one: Subscription) -> str:
    """A sentence; empty: there was none."""
    last = await history.last(ctx.store, one.destination, one.name)
    if last is None:
        return ""
    again = (DeliveryState.UNKNOWN, *LOST)
    more = f" {usage('deliveries', here=True)} shows the last ten." if last.state in again else ""
    day = dates.long_date(last.list_day or last.local_date)
    return f"The last one, {day}, {_became(last)}.{more}"


def _became(last: Delivery) -> str:
    reason = for_readers(last.reason)
    match last.state:
        case DeliveryState.PENDING | DeliveryState.SENDING | DeliveryState.RETRY:
            return "is on its way"
        case DeliveryState.SENT:
            return "was posted"
        case DeliveryState.SKIPPED:
            return f"was left out ({reason})"
        case DeliveryState.MISSED:
            return f"did not come ({reason})"
        case DeliveryState.PAUSED:
            return "was paused"
        case DeliveryState.REPLACED:
            return f"had no post of its own ({reason})"
        case DeliveryState.RETIRED:
            return f"is taken for posted ({reason})"
        case DeliveryState.UNKNOWN:
            return f"may not have arrived ({reason})"
        case DeliveryState.DEAD:
            return f"could not be posted ({reason})"
        case DeliveryState.CANCELLED:
            return f"was cancelled ({reason})"
        case state:
            assert_never(state)
