"""The ctypes layer against a softmax in plain Python; the program with PyTorch, where there is one, on tiny shapes."""

import contextlib
import importlib.util
import io
import json
import math
import random
import subprocess
import sys
import tempfile
import unittest
from ctypes import addressof, c_float, c_size_t, cast, POINTER

import attention
import engram_core
from engram_core import Arrays, Attention, Mask, Rows, Shape

LIBRARY = sys.argv[1]
WITH_TORCH = importlib.util.find_spec("torch") is not None


def normal(count: int, seed: int):
    draw = random.Random(seed)
    return (c_float * count)(*(draw.gauss(0, 1) for _ in range(count)))


class Problem:
    """Arrays of one shape and what attention of them is, by the definition."""

    def __init__(self, shape: Shape, mask: Mask):
        self.shape, self.mask = shape, mask
        query_count = shape.batch * shape.heads * shape.query_length * shape.head_width
        key_count = shape.batch * shape.kv_heads * shape.key_length * shape.head_width
        self.queries, self.keys, self.values = normal(query_count, 1), normal(key_count, 2), normal(key_count, 3)
        self.output = (c_float * query_count)()
        self.log_sum_exp = (c_float * (query_count // shape.head_width))()

    def forward(self) -> None:
        core = engram_core.load(LIBRARY)
        arrays = (self.queries, self.keys, self.values, self.output, self.log_sum_exp)
        with Attention(core, self.shape, self.mask) as plan:
            plan.forward(Arrays(*map(addressof, arrays)))
            self.pairs = plan.flops() / 4 / self.shape.head_width

    def sees(self, batch: int, row: int, key: int) -> bool:
        def position(rows: Rows, index: int) -> int:
            return rows.positions[index] if rows.positions else rows.first + index * max(rows.step, 1)

        query, key = position(self.mask.queries, row), position(self.mask.keys, key)
        seen = self.mask.kind == engram_core.FULL or key <= query
        if self.mask.kind == engram_core.WINDOW:
            seen = seen and key + self.mask.window > query
        return seen and (not self.mask.key_lengths or key < self.mask.key_lengths[batch])

    def expected_row(self, batch: int, head: int, row: int) -> tuple[list[float], float, int]:
        """Output, log-sum-exp and number of visible keys of one row."""
        shape = self.shape
        kv_head = batch * shape.kv_heads + head * shape.kv_heads // shape.heads
        first = ((batch * shape.heads + head) * shape.query_length + row) * shape.head_width
        query = self.queries[first : first + shape.head_width]
        output, total, seen = [0.0] * shape.head_width, 0.0, 0
        for key in (key for key in range(shape.key_length) if self.sees(batch, row, key)):
            start = (kv_head * shape.key_length + key) * shape.head_width
            pair = zip(query, self.keys[start : start + shape.head_width])
            weight = math.exp(sum(a * b for a, b in pair) / math.sqrt(shape.head_width))
            output = [o + weight * v for o, v in zip(output, self.values[start : start + shape.head_width])]
            total, seen = total + weight, seen + 1
        return [o / total for o in output] if seen else output, math.log(total) if seen else -math.inf, seen


class CtypesLayer(unittest.TestCase):
    def check(self, shape: Shape, mask: Mask) -> None:
        problem, pairs, index = Problem(shape, mask), 0, 0
        problem.forward()
        for batch in range(shape.batch):
            for head in range(shape.heads):
                for row in range(shape.query_length):
                    expected, log_sum_exp, seen = problem.expected_row(batch, head, row)
                    start = index * shape.head_width
                    for ours, exact in zip(problem.output[start : start + shape.head_width], expected):
                        self.assertAlmostEqual(ours, exact, delta=3e-6)
                    if seen:
                        self.assertAlmostEqual(problem.log_sum_exp[index], log_sum_exp, delta=3e-6)
                    else:
                        self.assertEqual(problem.log_sum_exp[index], -math.inf)
                    pairs, index = pairs + seen, index + 1
        self.assertEqual(problem.pairs, pairs)

    def test_full(self):
        self.check(Shape(2, 3, 3, 5, 7, 8), Mask(kind=engram_core.FULL))

    def test_causal_with_shared_keys(self):
        self.check(Shape(1, 4, 2, 9, 9, 3), Mask(kind=engram_core.CAUSAL))

    def test_rows_at_places_of_a_longer_sequence(self):
        places = (c_size_t * 3)(2, 3, 11)
        queries = Rows(positions=cast(places, POINTER(c_size_t)))
        self.check(Shape(1, 1, 1, 3, 6, 4), Mask(kind=engram_core.CAUSAL, queries=queries, keys=Rows(first=1, step=2)))

    def test_window_and_key_lengths_with_rows_that_see_nothing(self):
        lengths = (c_size_t * 2)(6, 0)
        mask = Mask(kind=engram_core.WINDOW, window=2, key_lengths=cast(lengths, POINTER(c_size_t)))
        self.check(Shape(2, 1, 1, 10, 10, 5), mask)

    def test_a_refused_shape_is_an_exception(self):
        with self.assertRaises(MemoryError):
            Attention(engram_core.load(LIBRARY), Shape(1, 3, 2, 4, 4, 4), Mask())


class Program(unittest.TestCase):
    def run_program(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, attention.__file__, "--library", LIBRARY, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_help_and_list(self):
        self.assertIn("--threads", self.run_program("--help").stdout)
        listed = self.run_program("--list").stdout.splitlines()
        self.assertEqual(listed, [case.name for case in attention.CASES])

    def test_a_pattern_without_cases_is_a_usage_error(self):
        self.assertEqual(self.run_program("--only", "nothing like it").returncode, 2)

    def test_options_are_read(self):
        options = attention.parse(["--threads", "1", "2", "--seconds", "3", "--only", "*causal", "--json", "file"])
        self.assertEqual((options.threads, options.seconds), ([1, 2], 3.0))
        self.assertEqual((options.only, options.json), ("*causal", "file"))
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            attention.parse(["--threads", "many"])

    def test_without_torch_it_says_what_is_missing(self):
        if WITH_TORCH:
            self.skipTest("torch is installed")
        result = self.run_program("--only", "ViT*")
        self.assertEqual(result.returncode, 1)
        self.assertIn("pip install torch", result.stderr)

    @unittest.skipUnless(WITH_TORCH, "torch is not installed")
    def test_tiny_shapes_give_every_row_and_both_errors(self):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            tiny = ["--shrink", "128", "--seconds", "0", "--turns", "1", "--threads", "1", "--draws", "2"]
            result = self.run_program(*tiny, "--json", file.name)
            self.assertEqual(result.returncode, 0, result.stderr)
            with open(file.name, encoding="utf-8") as written:
                results = json.load(written)
        wanted = [(case.name, rival) for case in attention.CASES for rival in case.rivals]
        self.assertEqual([(row["case"], row["rival"]) for row in results["rates"]], wanted)
        for error in results["errors"]:
            limit = 3e-6 if error["inputs"] == "standard normal" else 3e-4
            self.assertLess(error["ours"], limit, error)
            self.assertLess(error["torch"], limit, error)
        for name, _ in wanted:
            self.assertIn(f"| {name}", result.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
