"""What becomes of a post after an attempt, whatever the platform said."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotSent, PostError
from bot.model import Delivery, Destination
from bot.outcome import POISON, Outcome, broken, is_recognised, outcome
from bot.states import DeliveryState, What
from tests.fakes import FakeAdapter, at, on

DEAD, RETRY, UNKNOWN = (DeliveryState.DEAD, DeliveryState.RETRY, DeliveryState.UNKNOWN)
NOW = at("2025-06-02 12:00")
DAY = on("2025-06-02")
MINUTE = timedelta(minutes=1)
TRIED = Delivery(
    id=1, subscription=None, destination=Destination("discord", "c1"), what=What.DAY,
    local_date=DAY, list_day=DAY, state=DeliveryState.SENDING, fence=1, attempts=1, tried_at=NOW,
    ambiguous_at=None, doubted=False, suspected=False, plain=False, payload="", reason="",
)  # fmt: skip
DOUBTED = replace(TRIED, ambiguous_at=NOW - MINUTE / 2)
SUSPECTED = replace(TRIED, suspected=True)


def failed(**facts: object) -> PostError:
    return PostError("why", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "error", "window", "expected"),
    [
        (TRIED, failed(), 60, Outcome(RETRY, "why", 1.0)),
        (replace(TRIED, attempts=4), failed(), 60, Outcome(RETRY, "why", 8.0)),
        (replace(TRIED, attempts=4000), failed(), 60, Outcome(RETRY, "why", 300.0)),
        (TRIED, failed(rejected=True), 60, Outcome(RETRY, "why", 1.0)),
        (TRIED, failed(retry_after=17.5), 60, Outcome(RETRY, "why", 17.5)),
        # A fault of the place is believed at the second look.
        (TRIED, failed(permanent=True), 60, Outcome(RETRY, "why", 60.0, suspected=True)),
        (SUSPECTED, failed(), 60, Outcome(RETRY, "why", 1.0, suspected=True)),
        (SUSPECTED, failed(permanent=True), 60, Outcome(DEAD, "why", lost=True)),
        # What was refused as malformed is tried once in its plainest form.
        (TRIED, failed(refused=True), 60, Outcome(RETRY, "why", 0.0, plain=True)),
        (replace(TRIED, plain=True), failed(refused=True), 60, Outcome(DEAD, "why")),
        (replace(SUSPECTED, plain=True), failed(refused=True), 60, Outcome(DEAD, "why")),
        # An address that moved is followed at once, but not for ever.
        (TRIED, failed(moved_to="c9"), 60, Outcome(RETRY, "why", 0.0)),
        (TRIED, failed(moved_to="c1"), 60, Outcome(RETRY, "why", 1.0)),
        (replace(TRIED, attempts=10), failed(moved_to="c9"), 60, Outcome(RETRY, "why", 300.0)),
        # What may have arrived.
        (TRIED, failed(ambiguous=True), 60, Outcome(RETRY, "why", 1.0, NOW)),
        (TRIED, failed(ambiguous=True), 0, Outcome(UNKNOWN, "why", 1.0, NOW)),
        (TRIED, failed(ambiguous=True, retry_after=61), 60, Outcome(UNKNOWN, "why", 61, NOW)),
        (DOUBTED, failed(), 60, Outcome(RETRY, "why", 1.0, DOUBTED.ambiguous_at)),
        (DOUBTED, failed(retry_after=30), 60, Outcome(UNKNOWN, "why", 30, DOUBTED.ambiguous_at)),
        (DOUBTED, failed(moved_to="c9"), 60, Outcome(RETRY, "why", 0.0, DOUBTED.ambiguous_at)),
        (DOUBTED, failed(permanent=True), 60,
         Outcome(UNKNOWN, "why", 60.0, DOUBTED.ambiguous_at, suspected=True)),
    ],
)  # fmt: skip
def test_what_becomes_of_a_failed_post(
    one: Delivery, error: PostError, window: float, expected: Outcome
) -> None:
    assert outcome(one, error, FakeAdapter(resend_within=window), NOW) == expected


@pytest.mark.parametrize(("said", "kept"), [("Telegram said no", "Telegram said no"), ("", "busy")])
def test_what_the_platform_said_last_is_the_reason_of_a_post_that_was_held_back(
    said: str, kept: str
) -> None:
    held_back = outcome(replace(TRIED, reason=said), NotSent("busy"), FakeAdapter(), NOW)
    assert (held_back.state, held_back.reason) == (RETRY, kept)
    assert outcome(replace(TRIED, reason="busy"), failed(), FakeAdapter(), NOW).reason == "why"


def test_where_posts_can_be_read_back_what_may_have_arrived_waits_to_be_looked_for() -> None:
    adapter = FakeAdapter(resend_within=60.0)
    adapter.reads_back = True
    late = replace(TRIED, ambiguous_at=NOW - 5 * MINUTE)
    assert outcome(late, failed(), adapter, NOW).state == "retry"
    assert outcome(TRIED, failed(ambiguous=True, retry_after=600), adapter, NOW).state == "retry"


@pytest.mark.parametrize("ahead", [2 * 60, 60 * 24 * 400])
def test_a_doubt_of_the_future_is_not_taken_for_a_fresh_one(ahead: int) -> None:
    """The clock went back: how much time passed nobody knows, then or later."""
    one, adapter = replace(TRIED, ambiguous_at=NOW + ahead * MINUTE), FakeAdapter(resend_within=60)
    assert outcome(one, failed(), adapter, NOW).state == "unknown"
    in_flight = replace(TRIED, tried_at=NOW + ahead * MINUTE)
    assert outcome(in_flight, failed(ambiguous=True), adapter, NOW).state == "unknown"
    adapter.reads_back = True
    since = outcome(one, failed(), adapter, NOW).ambiguous_at
    later = NOW + ahead * MINUTE + MINUTE / 2
    assert since and not any(is_recognised(since, when, adapter) for when in (NOW, later))


def test_what_our_own_code_cannot_write_is_tried_some_times_and_then_set_aside() -> None:
    for attempts in range(1, POISON):
        again = broken(replace(SUSPECTED, attempts=attempts))
        assert (again.state, again.suspected) == ("retry", True)
        assert again.again_in >= 2
    end = broken(replace(TRIED, attempts=POISON))
    assert (end.state, end.lost) == ("dead", False)
    assert "see the log" in end.reason


errors = st.builds(
    PostError,
    st.just("why"),
    permanent=st.booleans(),
    refused=st.booleans(),
    rejected=st.booleans(),
    retry_after=st.none() | st.floats(0, 4000),
    moved_to=st.none() | st.just("c9"),
    ambiguous=st.booleans(),
)


@given(
    errors,
    st.integers(1, 100),
    st.none() | st.integers(-4000, 4000),
    st.integers(0, 4000),
    st.sampled_from([0, 1, 60]),
    st.booleans(),
)
def test_what_may_have_arrived_is_never_repeated_after_the_platform_forgot_it(
    error: PostError, attempts: int, doubted: int | None, took: int, window: int, suspected: bool
) -> None:
    since = None if doubted is None else NOW - timedelta(seconds=doubted)
    one = replace(TRIED, attempts=attempts, ambiguous_at=since, suspected=suspected)
    now = NOW + timedelta(seconds=took)
    result = outcome(one, error, FakeAdapter(resend_within=window), now)
    may_have_arrived = since or (NOW if error.ambiguous else None)
    if may_have_arrived and may_have_arrived > now:
        assert result.state != "retry"
        return
    if may_have_arrived and result.state == "retry":
        again = now + timedelta(seconds=result.again_in)
        assert may_have_arrived <= again < may_have_arrived + timedelta(seconds=window)
        assert result.ambiguous_at == may_have_arrived


@given(errors, st.integers(1, 100), st.booleans(), st.booleans())
def test_a_place_is_given_up_only_when_the_platform_blamed_it_twice(
    error: PostError, attempts: int, suspected: bool, plain: bool
) -> None:
    one = replace(TRIED, attempts=attempts, suspected=suspected, plain=plain)
    result = outcome(one, error, FakeAdapter(), NOW)
    assert result.lost <= (error.permanent and suspected)
    final = suspected if error.permanent else (error.refused and plain)
    assert (result.state == "dead") == final, "nothing else is final"
    assert result.state != "retry" or result.again_in > 0 or attempts <= 3 or result.plain
