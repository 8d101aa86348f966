"""When a destination is due: pure arithmetic on one wall time in one zone.

One run for each local date. A time inside the spring gap moves forward by the gap; a repeated
time uses its first occurrence; a date a zone leapt over (Samoa, 30 December 2011) has no run.
Library cron triggers drop and double days here, which is why this is ours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.errors import UserError

DAY = timedelta(days=1)
# Before this hour (UTC) less than half of a day's list is up, so a post carries the day before.
OPENING = time(6, tzinfo=UTC)
LATEST = timedelta(hours=6)  # a run later than this is recorded as skipped, not sent


def zone_info(zone: str) -> ZoneInfo:
    """Raises UserError for a zone that this machine lacks, whatever it had when it was set."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise UserError(f"This machine knows no time zone {zone[:40]!r}.") from error


def wall_time(wall: str) -> time:
    """Raises UserError for what is no time of day."""
    try:
        return time.fromisoformat(wall)
    except ValueError as error:
        raise UserError(f"{wall[:20]!r} is no time of day.") from error


def local_time(moment: datetime, zone: str) -> tuple[datetime, str]:
    """A moment as it is to be shown, and in which zone: UTC where this machine lacks the zone."""
    try:
        return moment.astimezone(zone_info(zone)), zone
    except UserError:
        return moment.astimezone(UTC), "UTC"


@lru_cache(maxsize=1024)
def _instant(day: date, wall: str, zone: str) -> datetime:
    """The run of a local date. fold=0 takes the first of two, and in a gap the old offset,
    which is the wall time moved forward by the gap."""
    local = datetime.combine(day, wall_time(wall), zone_info(zone))
    return local.astimezone(UTC)


def _exists(day: date, zone: str) -> bool:
    return _instant(day, "00:00", zone) < _instant(day + DAY, "00:00", zone)


def next_run(after: datetime, wall: str, zone: str) -> datetime:
    """The first run later than `after` (aware). `wall` is HH:MM, `zone` an IANA name. UTC.

    Raises UserError for a time or a zone that is none."""
    day = after.astimezone(zone_info(zone)).date() - DAY
    while _instant(day, wall, zone) <= after or not _exists(day, zone):
        day += DAY
    return _instant(day, wall, zone)


def last_run(until: datetime, wall: str, zone: str) -> datetime:
    """The newest run that is not later than `until` (aware). UTC."""
    found = next_run(until - 3 * DAY, wall, zone)  # a zone may leap over a date
    while (following := next_run(found, wall, zone)) <= until:
        found = following
    return found


def local_date(run_at: datetime, wall: str, zone: str) -> date:
    """The local date whose run that instant is: not the wall date when a gap crosses midnight."""
    day = run_at.astimezone(zone_info(zone)).date()
    late = _instant(day - DAY, wall, zone) == run_at and _exists(day - DAY, zone)
    return day - DAY if late else day


def list_day(run_at: datetime, local: date) -> date:
    """Which day's list a run posts: its local date's, or the day before while that one opens.

    So Berlin at 09:00 gets the day's list so far, and Tokyo at 09:00 the day before's, whole.
    """
    return local if run_at >= datetime.combine(local, OPENING) else local - DAY
