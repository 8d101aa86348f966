"""The kinds and states of subscriptions and deliveries. The store keeps these very words."""

from __future__ import annotations

from enum import StrEnum


class What(StrEnum):
    """What a subscription brings, and what a delivery carries."""

    DAY = "daily"  # the day's list
    WEEK = "weekly"  # the week's
    MONTH = "monthly"  # the month's
    QUERY = "topics"  # papers by query, or on a person's topics, which are queries that they keep
    NOTICE = "notice"  # what an owner is told; no subscription is of this kind


class Layout(StrEnum):
    """How much room a post takes."""

    RICH = "rich"  # pictures, long sentences, the later papers folded
    COMPACT = "compact"  # no pictures, short sentences, nothing folded
    DOCUMENT = "document"  # rich, with whole abstracts, where a platform has such messages


class SubscriptionState(StrEnum):
    ON = "on"
    PAUSED = "paused"  # somebody chose so
    OFF = "off"  # posts cannot go there


class DeliveryState(StrEnum):
    """`bot.store.outbox` has which follows which."""

    PENDING = "pending"  # not tried yet
    SENDING = "sending"  # an attempt is under way
    RETRY = "retry"  # an attempt failed; another comes
    SENT = "sent"
    UNKNOWN = "unknown"  # it may have arrived, and is not tried again
    DEAD = "dead"  # it did not arrive, and is not tried again
    CANCELLED = "cancelled"  # it was taken back before it was sent
    SKIPPED = "skipped"  # a run that had nothing to post
    MISSED = "missed"  # a run that could not be posted
    PAUSED = "paused"  # a run that somebody chose to leave out
    REPLACED = "replaced"  # a run of an earlier time or zone: another post brings its list
    RETIRED = "retired"  # a restored backup does not know whether it was posted


UNSENT = (DeliveryState.PENDING, DeliveryState.RETRY)
UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY)
CAME = (DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.RETIRED)  # or may have come
# Runs without a post.
WITHOUT_POST = (
    DeliveryState.SKIPPED,
    DeliveryState.MISSED,
    DeliveryState.PAUSED,
    DeliveryState.REPLACED,
)
# Their papers may come after all.
LOST = (DeliveryState.DEAD, DeliveryState.MISSED, DeliveryState.CANCELLED, DeliveryState.PAUSED)


class Edited(StrEnum):
    """What an adapter answers that was asked to change a message."""

    DONE = "done"  # it is as it should be, also where it was so already
    GONE = "gone"  # somebody deleted it
    UNSUPPORTED = "unsupported"  # no message can be changed there, or not this one any more


class PlaceState(StrEnum):
    """What a notice tells of a place."""

    STOPPED = "stopped"  # nothing is posted there any more
    BACK = "back"  # posts go there again
