"""Rows of one table for all benches, and what a process has spent."""

import resource
import sys
import time
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the benches use the peers of tests/chaos


def row(what: str, figure: str, against: str = "", *, target: str = "", met: bool = True) -> None:
    """What was measured, how much, against what, and whether a target was met."""
    verdict = "" if not target else "ok" if met else "MISSED"
    print(f"{what:<52} {figure:>14}  {against:<38} {target:<12} {verdict}".rstrip(), flush=True)


def part(title: str) -> None:
    print(f"\n{title}", flush=True)


class Spent:
    """Wall time, and this process's user and system time, since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu()

    @property
    def wall(self) -> float:
        return time.perf_counter() - self._wall

    @property
    def cpu(self) -> float:
        return _cpu() - self._cpu


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cpu_of(process: int) -> float:
    """User and system seconds of another process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]
