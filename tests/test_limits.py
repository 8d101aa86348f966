"""How fast a platform is written to."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import INVALID, INVALID_PERIOD, RECOVERY, Gate, Window
from bot.model import Pace

PACE = Pace(ceiling=30, bulk=28, in_flight=30)


def most_in_any(times: list[float], period: float) -> int:
    """The most arrivals in any half-open stretch as long as the period."""
    return max((sum(1 for t in times if a <= t < a + period) for a in times), default=0)


@dataclass
class Sent:
    released: float
    lands: float


@given(
    st.integers(1, 6),
    st.floats(0.1, 3.0),
    # For each message: how long the loop was away before it, how long its answer takes, and when
    # within that time it arrives.
    st.lists(
        st.tuples(
            st.just(0.0) | st.floats(0.0, 0.05) | st.floats(0.2, 9.0),
            st.floats(0.0, 0.1) | st.floats(0.2, 6.0),
            st.floats(0.0, 1.0),
        ),
        min_size=1,
        max_size=60,
    ),
)
def test_no_period_of_the_receivers_clock_sees_more_also_after_stalls(
    limit: int, period: float, life: list[tuple[float, float, float]]
) -> None:
    window, now = Window(limit, period), 1000.0
    flying, arrivals = list[Sent](), list[float]()
    for stall, takes, arrives in life:
        now += stall
        while True:
            for one in [one for one in flying if one.lands <= now]:
                flying.remove(one)
                window.release(now)  # an answer is seen late when the loop was away
            if not (pause := window.wait(now)):
                break
            now += pause
        window.acquire()
        flying.append(Sent(now, now + takes))
        arrivals.append(now + takes * arrives)
    assert most_in_any(arrivals, period * (1 - 1e-9)) <= limit


def test_waiting_for_one_chat_does_not_hold_up_another() -> None:
    gate = Gate(PACE)
    gate.acquire("a")
    assert not gate.is_free("a", 99.0), "its post is under way"
    gate.release("a", 3.0, 100.0)
    assert not gate.is_free("a", 102.9)
    assert gate.is_free("b", 100.0)
    assert gate.wait(100.5) == 0
    assert gate.is_free("a", 103.0)


def test_whoever_asks_often_keeps_no_post_away_from_the_chat() -> None:
    gate = Gate(PACE)
    for n in range(4):
        gate.answered("a", 3.0, 100.0 + n)
    assert not gate.is_free("a", 103.4)
    assert gate.rest("a", 103.4) == pytest.approx(0.1)
    assert gate.is_free("a", 103.5)


def test_no_more_are_under_way_at_once_than_the_pace_allows() -> None:
    gate = Gate(Pace(ceiling=100, bulk=100, in_flight=2))
    for chat in ("a", "b"):
        assert gate.wait(100.0) == 0
        gate.acquire(chat)
    assert gate.wait(100.0) > 0
    assert gate.person_wait(100.0) == 0
    gate.release("a", 0.0, 100.0)
    assert gate.wait(100.0) == 0


def test_posts_leave_room_for_people() -> None:
    gate = Gate(PACE)
    for n in range(28):
        assert gate.wait(100.0) == 0
        gate.acquire(f"c{n}")
    assert gate.wait(100.0) > 0
    for _ in range(2):
        assert gate.person_wait(100.0) == 0
        gate.answered("p", 1.0, 100.0)
    assert gate.person_wait(100.0) > 0


def test_answers_to_people_count_against_the_posts() -> None:
    gate = Gate(PACE)
    for n in range(30):
        gate.answered(f"p{n}", 1.0, 100.0)
    assert gate.wait(100.5) > 0
    assert gate.wait(101.51) == 0
    assert not gate.is_free("p1", 101.4)
    assert gate.is_free("p1", 101.5)


def test_however_many_people_are_answered_posts_have_half_their_pace() -> None:
    """A crowd asks without end; posts are due without end."""
    gate, posts, answers = Gate(PACE), list[float](), list[float]()
    gate.posting = True
    for tick in range(1000):
        now = 100.0 + tick / 100
        while not gate.person_wait(now):
            gate.answered("p", 1.0, now)
            answers.append(now)
        if not gate.wait(now):
            gate.acquire(f"c{tick}")
            gate.release(f"c{tick}", 0.0, now)
            posts.append(now)
    second = [now for now in posts if 104.0 <= now < 108.0]
    assert 4 * 12 <= len(second) <= 4 * 16
    everything = sorted([*posts, *(now + 0.5 for now in answers)])
    assert most_in_any(everything, 1.0 - 1e-9) <= PACE.ceiling
    assert len(answers) > 80


def test_where_no_post_waits_people_have_it_all() -> None:
    gate = Gate(PACE)
    for _ in range(PACE.ceiling):
        assert gate.person_wait(100.0) == 0
        gate.answered("p", 1.0, 100.0)
    assert gate.person_wait(100.0) > 0


def test_a_429_closes_that_chat_and_no_other() -> None:
    gate = Gate(PACE)
    gate.acquire("a")
    gate.slow_down("a", 100.0, 40.0)
    gate.release("a", 1.0, 100.0)
    assert not gate.is_free("a", 139.0)
    assert gate.is_free("a", 140.0)
    assert gate.is_free("b", 100.0)
    assert gate.wait(100.0) == gate.person_wait(100.0) == 0


def test_429s_of_several_chats_at_once_close_the_platform() -> None:
    gate = Gate(PACE)
    for n, chat in enumerate("aab"):
        gate.slow_down(chat, 100.0 + n, 40.0)
    assert gate.wait(103.0) == 0
    gate.slow_down("c", 120.0, 40.0)  # long after the others
    assert gate.wait(120.0) == 0
    for chat in "de":
        gate.slow_down(chat, 121.0, 40.0)
    assert (gate.wait(122.0), gate.person_wait(122.0)) == (pytest.approx(39.0), 0.0)


def test_a_429_for_all_closes_the_gate_then_slows_it_by_a_fifth_for_ten_minutes() -> None:
    gate = Gate(Pace(ceiling=100, bulk=100, in_flight=100))
    gate.slow_down("a", 100.0, 30.0, everywhere=True)
    gate.slow_down("a", 101.0, 5.0, everywhere=True)  # never opens early
    assert gate.wait(110.0) == pytest.approx(20.0)

    def goes(now: float) -> int:
        released = 0
        while not gate.wait(now):
            gate.acquire(str(released))
            released += 1
        for n in range(released):
            gate.release(str(n), 0.0, now)
        return released

    assert goes(130.0) == 64
    assert goes(130.0 + RECOVERY / 2) == 82
    assert goes(130.0 + RECOVERY) == 100


def test_a_thousand_refusals_stop_everything_until_they_are_old() -> None:
    gate = Gate(PACE)
    for n in range(INVALID - 1):
        gate.refused(100.0 + n / 100)
    assert gate.wait(110.0) == 0
    gate.refused(110.0)
    assert gate.wait(110.0) == pytest.approx(INVALID_PERIOD - 10.0)
    assert gate.person_wait(110.0) == 0, "people are still answered"
    assert gate.wait(100.0 + INVALID_PERIOD) == 0


def test_a_gate_forgets_chats_that_rested() -> None:
    gate = Gate(Pace(ceiling=10**6, bulk=10**6))
    for n in range(10_002):
        gate.acquire(f"c{n}")
        gate.release(f"c{n}", 1.0, float(n))
    assert len(gate._next) < 10
