"""Attention split over two processes: ours over MPI beside PyTorch's distributed ways over gloo, in turns."""

import argparse
import importlib.util
import itertools
import json
import multiprocessing
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from sampling import COMPARISON_HEADER, Comparison, comparison_cells, table

ERROR_HEADER = ["case", "side", "max error"]
# Of our rate to PyTorch's, by (causal, width).
REQUIRED = {(False, 64): 1.2, (False, 128): 1.17, (True, 64): 1.25, (True, 128): 1.18}


@dataclass(frozen=True)
class Case:
    heads: int
    width: int
    causal: bool

    def name(self) -> str:
        return f"{self.heads} heads, width {self.width}, {'causal' if self.causal else 'full'}"


class TorchRanks:
    """Two worker processes, for use in a `with`. Between orders they wait in a read and take no processor time."""

    def __init__(self, directory: str, threads: int):
        from torch_distributed import RANKS, work

        context = multiprocessing.get_context("spawn")
        self.ends, self.processes = [], []
        for rank in range(RANKS):
            end, other_end = context.Pipe()
            arguments = (rank, os.path.join(directory, "meeting"), threads, other_end)
            self.processes.append(context.Process(target=work, args=arguments, daemon=True))
            self.processes[-1].start()
            other_end.close()  # so that a dead worker is an end of file
            self.ends.append(end)

    def ask(self, order: tuple) -> list:
        """The answers of all ranks."""
        try:
            for end in self.ends:
                end.send(order)
            return [end.recv() for end in self.ends]
        except (EOFError, BrokenPipeError) as ended:
            raise RuntimeError("a process of PyTorch ended; what it said is above") from ended

    def prepare(self, way: str, problem) -> float:
        """Makes a way ready; its error."""
        return max(self.ask(("prepare", way, problem)))

    def seconds(self, way: str, passes: int) -> list[float]:
        """Of each pass, the slower rank's."""
        return [max(pair) for pair in zip(*self.ask((passes, way)))]

    def __enter__(self) -> "TorchRanks":
        return self

    def __exit__(self, failure, *_rest) -> None:
        for end, process in zip(self.ends, self.processes):
            if failure:
                process.terminate()
            else:
                end.send(None)
        for process in self.processes:
            process.join()


def our_command(case: Case, options: argparse.Namespace) -> list[str]:
    values = {
        "schedule": options.schedule,
        "layout": "zigzag" if case.causal else "contiguous",
        "mask": "causal" if case.causal else "full",
        "length": options.length,
        "heads": case.heads,
        "kv-heads": case.heads,
        "width": case.width,
        "threads": options.threads,
        "seconds": options.slice,
    }
    words = itertools.chain.from_iterable((f"--{key}", str(value)) for key, value in values.items())
    return [*shlex.split(options.mpirun), options.bench, *words]


def our_result(case: Case, options: argparse.Namespace) -> dict:
    """What schedule_bench reports: the last JSON object that it prints."""
    done = subprocess.run(our_command(case, options), capture_output=True, text=True, check=False)
    objects = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not objects:
        raise RuntimeError(f"{shlex.join(done.args)} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(objects[-1])


def torch_rates(ranks: TorchRanks, ways: list[str], flops: float, seconds: float) -> dict[str, float]:
    """The median rate of each way in GF/s, over passes that take about `seconds`."""
    rates = {}
    for way in ways:
        passes = max(1, round(seconds / ranks.seconds(way, 1)[0]))
        rates[way] = flops / statistics.median(ranks.seconds(way, passes)) / 1e9
    return rates


def measure_case(ranks: TorchRanks, case: Case, options: argparse.Namespace) -> tuple[list[Comparison], list[dict]]:
    """Rounds of a slice of each side; every other round starts with PyTorch."""
    from torch_distributed import WAYS, Problem

    problem = Problem(case.heads, options.length, case.width, case.causal)
    errors = {f"torch {way}": ranks.prepare(way, problem) for way in WAYS}
    ours, theirs = [], []
    for turn in range(options.rounds):
        for torch_first in (turn % 2 == 1, turn % 2 == 0):
            if torch_first:
                theirs.append(torch_rates(ranks, list(WAYS), problem.flops(), options.slice))
            else:
                ours.append(our_result(case, options))
    errors[f"ours, {options.schedule}"] = max(result["max_abs_error"] for result in ours)
    comparisons = [
        Comparison(
            case=case.name(),
            threads=options.threads,
            unit="GF/s",
            ours=[result["gflops_median"] for result in ours],
            rival_name=f"torch {way}",
            rival=[rates[way] for rates in theirs],
            required=REQUIRED.get((case.causal, case.width)),
            notes={"schedule": options.schedule},
        )
        for way in WAYS
    ]
    return comparisons, [{"case": case.name(), "side": side, "error": worst} for side, worst in errors.items()]


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    bench = os.path.join(tree, "build", "release", "schedule_bench")
    add("--bench", default=bench, help="schedule_bench (default: %(default)s)")
    add("--mpirun", default="mpirun -n 2", help="what starts two ranks of it (default: %(default)s)")
    add("--schedule", default="ring", help="ours (default: %(default)s)")
    add("--length", type=int, default=8192, help="of the sequence (default: %(default)s)")
    add("--heads", type=int, nargs="+", default=[4, 3], metavar="N", help="(default: 4 3)")
    add("--widths", type=int, nargs="+", default=[64, 128], metavar="N", help="(default: 64 128)")
    add("--masks", nargs="+", default=["full", "causal"], choices=["full", "causal"], help="(default: both)")
    add("--threads", type=int, default=1, metavar="N", help="of each process (default: %(default)s)")
    add("--rounds", type=int, default=7, help="slices of each side (default: %(default)s)")
    add("--slice", type=float, default=1.5, metavar="SECONDS", help="of each side in a round (default: %(default)s)")
    add("--json", metavar="FILE", help="write the results there too")
    options = parser.parse_args(arguments)
    if options.length % 4:
        parser.error("the zigzag of PyTorch's ring wants a length that four divides")
    return options


def measure(options: argparse.Namespace) -> tuple[list[Comparison], list[dict]]:
    comparisons, errors = [], []
    with tempfile.TemporaryDirectory() as directory, TorchRanks(directory, options.threads) as ranks:
        for heads, width, mask in itertools.product(options.heads, options.widths, options.masks):
            measured = measure_case(ranks, Case(heads, width, mask == "causal"), options)
            comparisons += measured[0]
            errors += measured[1]
            for comparison in measured[0]:
                print(" | ".join(comparison_cells(comparison)), file=sys.stderr, flush=True)
    return comparisons, errors


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    if importlib.util.find_spec("torch") is None:
        print("torch is missing: pip install torch==2.13.0 (see README.md)", file=sys.stderr)
        return 1
    try:
        comparisons, errors = measure(options)
    except (RuntimeError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(table(COMPARISON_HEADER, [comparison_cells(c) for c in comparisons]), end="\n\n")
    print(table(ERROR_HEADER, [[e["case"], e["side"], f"{e['error']:.2e}"] for e in errors]))
    if options.json:
        rates = [comparison.record() for comparison in comparisons]
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"length": options.length, "rates": rates, "errors": errors}, file, indent=1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
