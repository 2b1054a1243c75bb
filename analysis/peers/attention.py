"""Attention of libengram_core beside PyTorch, OpenBLAS and the memory: in one process, on the same arrays, in turns."""

import argparse
import fnmatch
import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import engram_core
from engram_core import Arrays, Attention, Mask, Shape
from sampling import COMPARISON_HEADER, Comparison, Side, comparison_cells, sample_in_turns, table

GEMM_SIZE = 4096
LOGIT_MAX = 80.0
REFERENCE_ROWS = 512  # of each head; float64 takes long
ERROR_RATIO_MAX = 1.5


def is_intel() -> bool:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return "GenuineIntel" in file.read()


# Of sgemm's rate: Intel's server cores do two 512-bit multiply-adds a cycle, which leaves less room for the softmax.
SGEMM_RATIO = 0.92 if is_intel() else 0.97


@dataclass
class Case:
    """One attention, and its rivals with the ratio that is required of ours (None: none is)."""

    name: str
    heads: int
    queries: int
    width: int
    causal: bool = False
    batch: int = 1
    kv_heads: int = 0  # 0: as many as heads
    keys: int = 0  # 0: as many as queries
    rivals: dict[str, float | None] = field(default_factory=dict)

    def shape(self) -> Shape:
        kv_heads, keys = self.kv_heads or self.heads, self.keys or self.queries
        return Shape(self.batch, self.heads, kv_heads, self.queries, keys, self.width)

    def is_decoding(self) -> bool:
        return self.queries == 1

    def shrunk(self, factor: int) -> "Case":
        return replace(self, queries=math.ceil(self.queries / factor), keys=math.ceil(self.keys / factor))


CASES = [
    Case("L 6144, width 64", 4, 6144, 64, rivals={"sgemm": SGEMM_RATIO, "torch": 1.22}),
    Case("L 6144, width 128", 4, 6144, 128, rivals={"sgemm": SGEMM_RATIO, "torch": 1.22}),
    Case("L 6144, width 64, causal", 4, 6144, 64, True, rivals={"torch": 1.25, "own full": 0.95}),
    Case("L 6144, width 128, causal", 4, 6144, 128, True, rivals={"torch": 1.2, "own full": 0.95}),
    Case("BERT-base, batch 8", 12, 512, 64, batch=8, rivals={"torch": 1.3}),
    Case("ViT-B/16, batch 16", 12, 197, 64, batch=16, rivals={"torch": 1.3}),
    Case("GPT-2 XL, causal", 25, 1024, 64, True, rivals={"torch": 1.6}),
    Case("Llama-3-8B at 2048, causal", 32, 2048, 128, True, kv_heads=8, rivals={"torch": 1.3}),
    Case("Llama-3-8B at 8192, causal", 32, 8192, 128, True, kv_heads=8, rivals={"torch": 1.3}),
    Case("decoding, 32768 keys", 32, 1, 128, kv_heads=8, keys=32768, rivals={"memory read": 0.85, "torch": None}),
]


class Problem:
    """The arrays of a case, as tensors, and what can be done with them."""

    def __init__(self, core, torch, case: Case):
        self.core, self.torch, self.case, self.shape = core, torch, case, case.shape()
        shape, generator = self.shape, torch.Generator().manual_seed(1)
        query_shape = (shape.batch, shape.heads, shape.query_length, shape.head_width)
        key_shape = (shape.batch, shape.kv_heads, shape.key_length, shape.head_width)
        self.queries = torch.randn(query_shape, generator=generator)
        self.keys = torch.randn(key_shape, generator=generator)
        self.values = torch.randn(key_shape, generator=generator)
        self.output = torch.empty(query_shape)

    def arrays(self) -> Arrays:
        return Arrays(*(t.data_ptr() for t in (self.queries, self.keys, self.values, self.output)))

    def attention(self, causal: bool | None = None) -> Attention:
        causal = self.case.causal if causal is None else causal
        return Attention(self.core, self.shape, Mask(kind=engram_core.CAUSAL if causal else engram_core.FULL))

    def torch_options(self) -> dict:
        return {"is_causal": self.case.causal, "enable_gqa": self.shape.kv_heads != self.shape.heads}

    def torch_forward(self):
        forward = self.torch.nn.functional.scaled_dot_product_attention
        return forward(self.queries, self.keys, self.values, **self.torch_options())

    def torch_backend(self) -> str:
        """What scaled_dot_product_attention runs for these arrays."""
        chosen = self.torch._fused_sdp_choice(self.queries, self.keys, self.values, **self.torch_options())
        return self.torch.nn.attention.SDPBackend(chosen).name.lower()

    def key_bytes(self) -> int:
        return 4 * (self.keys.numel() + self.values.numel())

    def read_keys(self) -> None:
        for tensor in (self.keys, self.values):
            self.core.rates_read(tensor.numel(), tensor.data_ptr())

    def rows(self):
        """Indices of the rows that are compared with float64, the last among them."""
        step = math.ceil(self.shape.query_length / REFERENCE_ROWS)
        return self.torch.arange(self.shape.query_length - 1, -1, -step)

    def logits(self, batch: int, head: int):
        """Scaled scores of these rows in float64; hidden ones are -infinity."""
        rows, kv_head = self.rows(), head * self.shape.kv_heads // self.shape.heads
        scores = self.queries[batch, head, rows].double() @ self.keys[batch, kv_head].double().T
        scores /= math.sqrt(self.shape.head_width)
        if self.case.causal:
            scores[self.torch.arange(self.shape.key_length) > rows[:, None]] = -math.inf
        return scores

    def heads(self) -> Iterator[tuple[int, int]]:
        return ((b, h) for b in range(self.shape.batch) for h in range(self.shape.heads))

    def stretch_logits(self) -> None:
        """Scales the queries until the largest score is LOGIT_MAX in magnitude."""
        largest = 0.0
        for batch, head in self.heads():
            scores = self.logits(batch, head)
            largest = max(largest, float(scores[scores.isfinite()].abs().max()))
        self.queries *= LOGIT_MAX / largest

    def errors(self, outputs: list) -> list[float]:
        """The largest difference from float64 for each of the outputs."""
        rows, worst = self.rows(), [0.0] * len(outputs)
        for batch, head in self.heads():
            values = self.values[batch, head * self.shape.kv_heads // self.shape.heads].double()
            exact = self.logits(batch, head).softmax(-1) @ values
            for i, output in enumerate(outputs):
                difference = (output[batch, head, rows].double() - exact).abs().max()
                worst[i] = max(worst[i], float(difference))
        return worst


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


def measure_errors(problem: Problem) -> list[dict]:
    """Both sides against float64, for standard normal inputs and for large logits. Stretches the queries."""
    results = []
    for inputs in ("standard normal", f"logits of ±{LOGIT_MAX:g}"):
        if inputs != "standard normal":
            problem.stretch_logits()
        with problem.attention() as ours:
            ours.forward(problem.arrays())
        errors = problem.errors([problem.output, problem.torch_forward()])
        results.append({"case": problem.case.name, "inputs": inputs, "ours": errors[0], "torch": errors[1]})
    return results


def error_cells(error: dict) -> list[str]:
    ratio = error["ours"] / error["torch"] if error["torch"] else math.inf
    reached = "yes" if ratio <= ERROR_RATIO_MAX else "no"
    return [
        error["case"],
        error["inputs"],
        f"{error['ours']:.2e}",
        f"{error['torch']:.2e}",
        f"{ratio:.2f}",
        f"{ERROR_RATIO_MAX:g}",
        reached,
    ]


ERROR_HEADER = ["case", "inputs", "error of ours", "error of torch", "ratio", "at most", "reached"]


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
    add("--only", default="*", metavar="PATTERN", help="cases whose names match, such as '*causal'")
    add("--json", metavar="FILE", help="write the results there too")
    add("--list", action="store_true", help="print the cases and end")
    add("--apart", action="store_true", help="one side after the other, to see whether turns disturb them")
    add("--shrink", type=int, default=1, metavar="FACTOR", help="divide all lengths, to try this program out")
    return parser.parse_args(arguments)


def measure(core, torch, cases: list[Case], options: argparse.Namespace) -> tuple[list[Comparison], list[dict]]:
    comparisons, errors = [], []
    for case in cases:
        problem = Problem(core, torch, case.shrunk(options.shrink))
        for threads in options.threads:
            measured = measure_rates(problem, threads, options)
            comparisons += measured
            for comparison in measured:
                print(" | ".join(comparison_cells(comparison)), file=sys.stderr, flush=True)
        errors += measure_errors(problem)
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
