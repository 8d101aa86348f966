"""How fast a platform is written to."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import Gate, Window, gate


def most_in_any(times: list[float], period: float) -> int:
    """The most releases in any half-open stretch as long as the period."""
    return max((sum(1 for t in times if a <= t < a + period) for a in times), default=0)


@given(
    st.integers(1, 6),
    st.floats(0.1, 3.0),
    # How long the loop was away before each try: mostly not at all, now and then a stall.
    st.lists(st.just(0.0) | st.floats(0.0, 0.05) | st.floats(0.2, 9.0), min_size=1, max_size=80),
)
def test_a_window_never_lets_more_through_in_any_period_also_after_stalls(
    limit: int, period: float, stalls: list[float]
) -> None:
    window, now, times = Window(limit, period), 1000.0, list[float]()
    for stall in stalls:
        now += stall
        if pause := window.wait(now):
            now += pause
        if window.wait(now) == 0:
            window.take(now)
            times.append(now)
    assert most_in_any(times, period) <= limit


@given(st.lists(st.sampled_from("abc"), max_size=60), st.floats(0.0, 10.0**6))
def test_a_chat_gets_its_posts_spaced_and_the_platform_its_ceiling(
    chats: list[str], now: float
) -> None:
    made, times = Gate(Window(2, 1.0), 3.0), dict[str, list[float]]()
    for chat in chats:
        for _ in range(3):  # rounding may leave the last bit of a wait
            now += made.wait(chat, now)
        assert made.wait(chat, now) <= 1e-6
        made.take(chat, now)
        times.setdefault(chat, []).append(now)
    for one in times.values():
        assert all(b - a >= 3.0 - 1e-6 for a, b in pairwise(one))


def test_waiting_for_one_chat_does_not_hold_up_another() -> None:
    made = Gate(Window(10, 1.0), 3.0)
    made.take("a", 100.0)
    assert made.wait("a", 100.5) == pytest.approx(2.5)
    assert made.wait("b", 100.5) == 0


def test_spacing_counts_from_when_a_slow_post_was_over() -> None:
    made = Gate(Window(10, 1.0), 3.0)
    made.take("a", 100.0)
    made.left("a", 102.5)
    assert made.wait("a", 103.0) == pytest.approx(2.5)


def test_a_full_window_holds_up_every_chat() -> None:
    made = Gate(Window(2, 1.0), 0.0)
    made.take("a", 100.0)
    made.take("b", 100.2)
    assert made.wait("c", 100.5) == pytest.approx(0.5)
    assert made.wait("c", 101.0) == 0


def test_a_closed_gate_lets_nothing_through_until_its_time_and_never_opens_early() -> None:
    made = gate("discord")
    made.close(100.0, 30.0)
    made.close(101.0, 5.0)
    assert made.wait("a", 110.0) == pytest.approx(20.0)
    assert made.wait("a", 130.0) == 0


def test_the_very_first_post_waits_for_nothing_on_a_clock_that_begins_at_zero() -> None:
    assert gate("telegram").wait("a", 0.0) == 0


def test_many_chats_are_forgotten_once_their_spacing_is_over() -> None:
    made = Gate(Window(10**6, 1.0), 1.0)
    for number in range(10_002):
        made.take(str(number), number / 1000)
    assert len(made._last) < 2_000
    assert made.wait("10001", 10.5) > 0


@pytest.mark.parametrize(("platform", "ceiling"), [("telegram", 30), ("discord", 50)])
def test_a_platforms_own_ceiling_leaves_room_for_answers(platform: str, ceiling: int) -> None:
    made, sent = gate(platform), 0
    while made.wait(str(sent), 50.0) == 0:
        made.take(str(sent), 50.0)
        sent += 1
    assert ceiling / 2 < sent < ceiling
