"""Recurrent layers and convolutions of libengram_core beside PyTorch's: in one process, with the same parameters, in turns."""

import argparse
import fnmatch
import json
import math
import os
import statistics
import sys
from contextlib import ExitStack

import engram_core
import layers_core
from attention import cpu_model, gemm_side, openmp_libraries
from layers_cases import DEEPBENCH_RATIO, GROUPS, Case, Group, Required, deepbench_groups
from layers_problem import Problem
from sampling import COMPARISON_HEADER, Comparison, Side, comparison_cells, sample_in_turns, table

GEMM_SIZE = 4096
ERROR_RATIO_MAX = 1.0
ERROR_HEADER = ["case", "error of ours", "error of torch", "ratio", "rms of ours", "rms of torch", "ratio of rms", "reached"]


def required_at(required: Required, threads: int) -> float | None:
    return required.get(threads) if isinstance(required, dict) else required


def sides_of(core, torch, group: Group, options: argparse.Namespace, layers: ExitStack) -> list[Side]:
    """Ours and PyTorch's of every case of the group, and sgemm if a case asks for it."""
    sides = []
    for case in group.cases:
        problem, amount = Problem(core, torch, case), case.flops() / 1e9
        layer = layers.enter_context(problem.layer())
        sides.append(Side(f"ours {case.name}", amount, lambda p=problem, ours=layer: p.forward(ours)))
        sides.append(Side(f"torch {case.name}", amount, problem.peer_forward))
    if any("sgemm" in case.rivals for case in group.cases):
        sides.append(gemm_side(core, torch, math.ceil(GEMM_SIZE / options.shrink)))
    return sides


def rival_side(group: Group, case: Case, rival: str) -> str:
    """The name of the side that a rival is."""
    if rival == "torch":
        return f"torch {case.name}"
    if rival.startswith("torch "):
        return next(f"torch {other.name}" for other in group.cases if other.kind == rival.split()[1])
    return rival


def measure_rates(core, torch, group: Group, threads: int, options: argparse.Namespace) -> list[Comparison]:
    torch.set_num_threads(threads)
    core.blas_set_threads(threads)
    with ExitStack() as layers:
        sides = sides_of(core, torch, group, options, layers)
        rates = sample_in_turns(sides, options.seconds, options.turns)
    return [
        Comparison(
            case=f"{group.name}: {case.name}",
            threads=threads,
            unit="GF/s",
            ours=rates[f"ours {case.name}"],
            rival_name=rival,
            rival=rates[rival_side(group, case, rival)],
            required=required_at(required, threads),
            notes={"batch": case.batch, "length": case.length, "width": case.width},
        )
        for case in group.cases
        for rival, required in case.rivals.items()
    ]


def measure_error(core, torch, name: str, case: Case, draws: int) -> dict:
    """Both sides against float64; medians over several draws of parameters and inputs."""
    pairs = [Problem(core, torch, case, draw).errors() for draw in range(draws)]
    result = {"case": name, "draws": draws}
    for side, errors in zip(("ours", "torch"), zip(*pairs)):
        result[side] = statistics.median(error.largest for error in errors)
        result[f"{side}_rms"] = statistics.median(error.rms() for error in errors)
    return result


def error_cells(error: dict) -> list[str]:
    ratio, ratio_of_rms = error["ours"] / error["torch"], error["ours_rms"] / error["torch_rms"]
    figures = [f"{error[name]:.2e}" for name in ("ours", "torch", "ours_rms", "torch_rms")]
    figures.insert(2, f"{ratio:.2f}")
    return [error["case"], *figures, f"{ratio_of_rms:.2f}", "yes" if ratio_of_rms <= ERROR_RATIO_MAX else "no"]


def geometric_mean(comparisons: list[Comparison]) -> float:
    return statistics.geometric_mean(comparison.ratio() for comparison in comparisons)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--library", default=engram_core.default_library(), help="libengram_core.so (default: %(default)s)")
    add("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="thread counts (default: 1 2)")
    add("--seconds", type=float, default=20, help="per group and thread count (default: %(default)s)")
    add("--turns", type=int, default=7, help="at least so many samples of each side (default: %(default)s)")
    add("--draws", type=int, default=3, help="of parameters and inputs, for errors (default: %(default)s)")
    add("--only", default="*", metavar="PATTERN", help="groups whose names match, such as 'batch 1'")
    add("--deepbench", action="store_true", help="DeepBench's shapes and their geometric mean instead")
    add("--steps", type=int, default=50, help="of DeepBench's shapes at most (default: %(default)s)")
    add("--json", metavar="FILE", help="write the results there too")
    add("--list", action="store_true", help="print the groups and end")
    add("--shrink", type=int, default=1, metavar="FACTOR", help="divide lengths and widths, to try this program out")
    return parser.parse_args(arguments)


def groups_of(options: argparse.Namespace) -> list[Group]:
    groups = deepbench_groups(options.steps) if options.deepbench else GROUPS
    chosen = [group for group in groups if fnmatch.fnmatch(group.name, options.only)]
    return [Group(group.name, [case.shrunk(options.shrink) for case in group.cases]) for group in chosen]


def measure(core, torch, groups: list[Group], options: argparse.Namespace) -> tuple[list[Comparison], list[dict]]:
    comparisons, errors = [], []
    for group in groups:
        for threads in options.threads:
            measured = measure_rates(core, torch, group, threads, options)
            comparisons += measured
            for comparison in measured:
                print(" | ".join(comparison_cells(comparison)), file=sys.stderr, flush=True)
        for case in [] if options.deepbench else group.cases:
            errors.append(measure_error(core, torch, f"{group.name}: {case.name}", case, options.draws))
    return comparisons, errors


def print_results(comparisons: list[Comparison], errors: list[dict], options: argparse.Namespace) -> None:
    print(table(COMPARISON_HEADER, [comparison_cells(c) for c in comparisons]), end="\n\n")
    if errors:
        print(table(ERROR_HEADER, [error_cells(error) for error in errors]), end="\n\n")
    for threads in options.threads if options.deepbench else []:
        mean = geometric_mean([c for c in comparisons if c.threads == threads])
        print(f"DeepBench, {threads} threads: geometric mean of the ratios {mean:.3f}, at least {DEEPBENCH_RATIO}")


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    groups = groups_of(options)
    if options.list or not groups:
        print(*(group.name for group in groups_of(options) or GROUPS), sep="\n")
        return 0 if options.list else 2
    # Read when the run time is loaded: threads that wait for one side must not take time from the other.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import torch
    except ImportError:
        print("torch is missing: pip install torch==2.13.0 (see README.md)", file=sys.stderr)
        return 1
    core = engram_core.load(options.library)
    layers_core.declare(core)
    with torch.no_grad():
        comparisons, errors = measure(core, torch, groups, options)
    print_results(comparisons, errors, options)
    machine = {"cpu": cpu_model(), "torch": torch.__version__, "openmp": openmp_libraries()}
    print(f"{machine['cpu']}; torch {machine['torch']}; OpenMP: {', '.join(machine['openmp'])}")
    if options.json:
        rates = [comparison.record() for comparison in comparisons]
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "rates": rates, "errors": errors}, file, indent=1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
