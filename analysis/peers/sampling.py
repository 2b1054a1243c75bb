"""Rates of several sides taken in turns, their ratios with intervals, and tables of them."""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Side:
    """Something that is timed: `call` does `amount` of `unit`s (a GF, a GB)."""

    name: str
    amount: float
    call: Callable[[], object]


@dataclass
class Comparison:
    """Rates of ours and a rival, paired turn by turn."""

    case: str
    threads: int
    unit: str
    ours: list[float]
    rival_name: str
    rival: list[float]
    required: float | None = None
    notes: dict = field(default_factory=dict)

    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.rival)]

    def ratio(self) -> float:
        return statistics.median(self.ratios())

    def interval(self) -> tuple[float, float] | None:
        return median_interval(self.ratios())

    def verdict(self) -> str:
        """Whether the ratio reaches what is required; with a question mark where its interval holds both."""
        if self.required is None:
            return ""
        interval = self.interval()
        doubt = interval is None or interval[0] < self.required <= interval[1]
        return ("yes" if self.ratio() >= self.required else "no") + ("?" if doubt else "")

    def record(self) -> dict:
        return {
            "case": self.case,
            "threads": self.threads,
            "unit": self.unit,
            "samples": len(self.ours),
            "ours": quartiles(self.ours),
            "rival": self.rival_name,
            "rival_rate": quartiles(self.rival),
            "ratio": self.ratio(),
            "ratio_interval": self.interval(),
            "required": self.required,
            "reached": self.verdict(),
            **self.notes,
        }


def median_interval(values: list[float], level: float = 0.95) -> tuple[float, float] | None:
    """The interval for the median between two order statistics, whatever the distribution, with a confidence of at
    least `level` (at 0.95 it takes 6 values); None where there are too few."""
    values = sorted(values)
    count, below, rank = len(values), 0.0, 0
    while rank <= count:
        below += math.comb(count, rank) / 2**count
        if below > (1 - level) / 2:
            break
        rank += 1
    return (values[rank - 1], values[count - rank]) if rank >= 1 else None


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) < 2:
        return (values[0],) * 3
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def seconds_of(call: Callable[[], object], repeats: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def sample_in_turns(
    sides: list[Side], seconds: float, turns: int, least_sample: float = 0.02
) -> dict[str, list[float]]:
    """Rates of each side, one sample a turn, for about `seconds` and at least `turns` turns. Every other turn goes
    backwards, so that no side always follows the same one. Short calls are repeated up to `least_sample` seconds."""
    repeats = {}
    for side in sides:
        side.call()
        repeats[side.name] = max(1, math.ceil(least_sample / max(seconds_of(side.call), 1e-9)))
    rates = {side.name: [] for side in sides}
    start, turn = time.perf_counter(), 0
    while turn < turns or time.perf_counter() - start < seconds:
        for side in sides if turn % 2 == 0 else reversed(sides):
            rates[side.name].append(side.amount / seconds_of(side.call, repeats[side.name]))
        turn += 1
    return rates


def with_spread(values: list[float]) -> str:
    low, middle, high = quartiles(values)
    return f"{middle:.4g} ({low:.4g}-{high:.4g})"


def comparison_cells(comparison: Comparison) -> list[str]:
    interval = comparison.interval()
    spread = f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
    required = "" if comparison.required is None else f"{comparison.required:g}"
    return [
        comparison.case,
        str(comparison.threads),
        with_spread(comparison.ours),
        comparison.rival_name,
        with_spread(comparison.rival),
        comparison.unit,
        f"{comparison.ratio():.3f}{spread}",
        required,
        comparison.verdict(),
        str(len(comparison.ours)),
    ]


COMPARISON_HEADER = ["case", "threads", "ours", "rival", "its rate", "unit", "ratio", "at least", "reached", "samples"]


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table with aligned columns."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
