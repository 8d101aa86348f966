"""What tests put into the store by hand: papers, lists, posts, and what became of a post."""

from datetime import date, datetime, timedelta

from bot.digest import Digest, Item
from bot.model import Delivery, Destination, Paper, PaperList
from bot.states import DeliveryState, What
from bot.store import Reader, Store, Transaction, lists, outbox, papers
from tests.fakes import at, on

SIX_HOURS = timedelta(hours=6)


async def save_papers(store: Store, *found: Paper) -> None:
    """Known, and on no list."""
    async with store.transaction() as tx:
        await papers.save(tx, found)


async def save_list(
    store: Store, day: str, *found: Paper, now: datetime | None = None, whole: bool = True,
    source: str = "huggingface",
) -> None:  # fmt: skip
    """That day's list as fetched at `now`: by default in the night after it."""
    fetched_at = now or at(f"{day} 00:00") + timedelta(days=1)
    async with store.transaction() as tx:
        listed = PaperList(source, on(day), found, fetched_at, whole)
        await lists.save(tx, listed, next_at=fetched_at)


def digest_of(
    day: str, *numbers: int, kind: str = "daily", size: int = 10, days: tuple[date, ...] = (),
    named: tuple[date, ...] = (),
) -> str:  # fmt: skip
    """A post of these papers as the outbox keeps it."""
    items = tuple(Item(f"2506.{n:05}", n % 50) for n in numbers)
    made_at, listed = at(f"{day} 07:02"), days or (on(day),)
    return Digest(What(kind), on(day), True, made_at, "UTC", size, items, (), listed, named).dumps()


async def add(
    tx: Transaction, address: str, day: str, payload: str = "", *, now: datetime | None = None,
    platform: str = "discord", kind: str = "daily", state: str = "pending", reason: str = "",
    subscription: int | None = None, lasts: timedelta = SIX_HOURS, list_day: date | None = None,
) -> bool:  # fmt: skip
    """A post, or a run without one, of that date and its list; a notice has no list."""
    moment = now or at(f"{day} 09:00")
    listed = None if kind == "notice" else list_day or on(day)
    return await outbox.add(
        tx, Destination(platform, address), What(kind), on(day), now=moment,
        deadline=moment + lasts, list_day=listed, payload=payload, state=DeliveryState(state),
        reason=reason, subscription=subscription,
    )  # fmt: skip


async def intend(store: Store, one: Delivery, now: datetime) -> Delivery | None:
    """Claim that row alone."""
    async with store.transaction() as tx:
        claimed = await outbox.claim(tx, [one], now)
    return claimed[0] if claimed else None


async def state_of(reader: Reader, number: int) -> str:
    [row] = await reader.rows("SELECT state FROM deliveries WHERE id = :id", id=number)
    return str(row["state"])
