"""Attention of libengram_core beside PyTorch, OpenBLAS and the memory: in one process, on the same arrays, in turns."""

import argparse
import fnmatch
import json
import math
import os
import statistics
import sys
from contextlib import ExitStack

import engram_core
from attention_cases import CASES, Case
from attention_problem import LOGIT_MAX, Error, Problem
from sampling import COMPARISON_HEADER, Comparison, Side, comparison_cells, sample_in_turns, table

GEMM_SIZE = 4096
ERROR_RATIO_MAX = 1.5


def gemm_side(core, torch, size: int) -> Side:
    a, b, c = (torch.rand(size, size) for _ in range(3))

    def multiply() -> None:
        core.product_f32(size, size, size, a.data_ptr(), size, b.data_ptr(), size, False, c.data_ptr(), size)

    return Side("sgemm", 2 * size**3 / 1e9, multiply)


def sides_of(problem: Problem, gemm_size: int, plans: ExitStack) -> list[Side]:
    """Ours first, then the rivals of the case; plans live as long as `plans`."""
    decoding, arrays = problem.case.is_decoding(), problem.arrays()
    ours = plans.enter_context(problem.attention())
    amount = (problem.key_bytes() if decoding else ours.flops()) / 1e9
    sides = [Side("ours", amount, lambda: ours.forward(arrays))]
    for rival in problem.case.rivals:
        if rival == "torch":
            sides.append(Side(rival, amount, problem.torch_forward))
        elif rival == "sgemm":
            sides.append(gemm_side(problem.core, problem.torch, gemm_size))
        elif rival == "memory read":
            sides.append(Side(rival, amount, problem.read_keys))
        elif rival == "own full":
            full = plans.enter_context(problem.attention(causal=False))
            sides.append(Side(rival, full.flops() / 1e9, lambda: full.forward(arrays)))
    return sides


def measure_rates(problem: Problem, threads: int, options: argparse.Namespace) -> list[Comparison]:
    problem.torch.set_num_threads(threads)
    problem.core.blas_set_threads(threads)
    with ExitStack() as plans:
        sides = sides_of(problem, math.ceil(GEMM_SIZE / options.shrink), plans)
        if options.apart:
            rates = {}
            for side in sides:
                rates |= sample_in_turns([side], options.seconds / len(sides), options.turns)
        else:
            rates = sample_in_turns(sides, options.seconds, options.turns)
    return [compare(problem, threads, rates, rival) for rival in problem.case.rivals]


def compare(problem: Problem, threads: int, rates: dict[str, list[float]], rival: str) -> Comparison:
    """Ours beside one rival, over as many samples as there are of both: measured apart, one may have more."""
    count = min(len(rates["ours"]), len(rates[rival]))
    return Comparison(
        case=problem.case.name,
        threads=threads,
        unit="GB/s" if problem.case.is_decoding() else "GF/s",
        ours=rates["ours"][:count],
        rival_name=rival,
        rival=rates[rival][:count],
        required=problem.case.rivals[rival],
        notes={"backend": problem.torch_backend()} if rival == "torch" else {},
    )


def errors_of_draw(problem: Problem) -> tuple[Error, Error]:
    """Of ours and of torch."""
    with problem.attention() as ours:
        ours.forward(problem.arrays())
    return tuple(problem.errors([problem.output, problem.torch_forward()]))


def measure_errors(core, torch, case: Case, draws: int) -> list[dict]:
    """Both sides against float64, for standard normal inputs and for large logits. The largest of millions of errors is
    a matter of luck: what counts is its median over several draws of the inputs."""
    results = []
    for inputs in ("standard normal", f"logits of ±{LOGIT_MAX:g}"):
        pairs = []
        for draw in range(draws):
            problem = Problem(core, torch, case, draw)
            if inputs != "standard normal":
                problem.stretch_logits()
            pairs.append(errors_of_draw(problem))
        result = {"case": case.name, "inputs": inputs, "draws": draws}
        for side, errors in zip(("ours", "torch"), zip(*pairs)):
            result[side] = statistics.median(error.largest for error in errors)
            result[f"{side}_rms"] = statistics.median(error.rms() for error in errors)
        results.append(result)
    return results


def error_cells(error: dict) -> list[str]:
    ratio = error["ours"] / error["torch"]
    return [
        error["case"],
        error["inputs"],
        f"{error['ours']:.2e}",
        f"{error['torch']:.2e}",
        f"{ratio:.2f}",
        f"{ERROR_RATIO_MAX:g}",
        "yes" if ratio <= ERROR_RATIO_MAX else "no",
        f"{error['ours_rms'] / error['torch_rms']:.2f}",
    ]


ERROR_HEADER = ["case", "inputs", "error of ours", "error of torch", "ratio", "at most", "reached", "ratio of rms"]


def cpu_model() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return models[0] if models else "unknown"


def openmp_libraries() -> list[str]:
    """The OpenMP run times in this process. Two of them keep two pools of threads, which must not spin."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        paths = {line.split()[-1] for line in file}
    return sorted(path for path in paths if os.path.basename(path).startswith(("libgomp", "libomp", "libiomp")))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    library = engram_core.default_library()
    add("--library", default=library, help="libengram_core.so (default: %(default)s)")
    add("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="thread counts (default: 1 2)")
    add("--seconds", type=float, default=15, help="per case and thread count (default: %(default)s)")
    add("--turns", type=int, default=7, help="at least so many samples of each side (default: %(default)s)")
    add("--draws", type=int, default=3, help="of the inputs, for errors (default: %(default)s)")
    add("--only", default="*", metavar="PATTERN", help="cases whose names match, such as '*causal'")
    add("--json", metavar="FILE", help="write the results there too")
    add("--list", action="store_true", help="print the cases and end")
    add("--apart", action="store_true", help="one side after the other, to see whether turns disturb them")
    add("--shrink", type=int, default=1, metavar="FACTOR", help="divide all lengths, to try this program out")
    return parser.parse_args(arguments)


def measure(core, torch, cases: list[Case], options: argparse.Namespace) -> tuple[list[Comparison], list[dict]]:
    comparisons, errors = [], []
    for case in cases:
        case = case.shrunk(options.shrink)
        problem = Problem(core, torch, case)
        for threads in options.threads:
            measured = measure_rates(problem, threads, options)
            comparisons += measured
            for comparison in measured:
                print(" | ".join(comparison_cells(comparison)), file=sys.stderr, flush=True)
        errors += measure_errors(core, torch, case, options.draws)
    return comparisons, errors


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    cases = [case for case in CASES if fnmatch.fnmatch(case.name, options.only)]
    if options.list or not cases:
        print(*(case.name for case in CASES), sep="\n")
        return 0 if options.list else 2
    # Read when the run time is loaded: threads that wait for one side must not take time from the other.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import torch
    except ImportError:
        print("torch is missing: pip install torch==2.13.0 (see README.md)", file=sys.stderr)
        return 1
    core = engram_core.load(options.library)
    with torch.no_grad():
        comparisons, errors = measure(core, torch, cases, options)
    machine = {"cpu": cpu_model(), "torch": torch.__version__, "openmp": openmp_libraries()}
    print(table(COMPARISON_HEADER, [comparison_cells(c) for c in comparisons]), end="\n\n")
    print(table(ERROR_HEADER, [error_cells(e) for e in errors]), end="\n\n")
    print(f"{machine['cpu']}; torch {machine['torch']}; OpenMP: {', '.join(machine['openmp'])}")
    if options.json:
        rates = [comparison.record() for comparison in comparisons]
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "rates": rates, "errors": errors}, file, indent=1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
