"""The distributed peers: their command lines and reports, and PyTorch's ways on two processes against float64."""

import importlib.util
import json
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

import attention_distributed
from attention_distributed import Case

WITH_TORCH = importlib.util.find_spec("torch") is not None
BENCH = next((path for path in sys.argv[1:] if os.path.exists(path)), None)  # built on demand only

# Stands in for schedule_bench: text first, then what it was asked for.
STAND_IN = """
import json, sys
print("some text")
print(json.dumps({"gflops_median": 150.0, "max_abs_error": 1e-6, "arguments": sys.argv[1:]}))
"""


class Program(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.stand_in = os.path.join(self.directory.name, "stand_in.py")
        with open(self.stand_in, "w", encoding="utf-8") as file:
            file.write(STAND_IN)

    def run_program(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, attention_distributed.__file__, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def ours_is(self, script: str) -> list[str]:
        return ["--mpirun", shlex.quote(sys.executable), "--bench", script]

    def test_help(self):
        self.assertIn("--rounds", self.run_program("--help").stdout)

    def test_a_length_that_zigzag_cannot_cut_is_refused(self):
        self.assertEqual(self.run_program("--length", "66").returncode, 2)

    def test_ours_is_asked_for_the_case(self):
        options = attention_distributed.parse([*self.ours_is(self.stand_in), "--length", "64", "--slice", "0.5"])
        words = attention_distributed.our_result(Case(3, 128, True), options)["arguments"]
        asked = dict(zip(words[::2], words[1::2]))
        wanted = {"--schedule": "ring", "--layout": "zigzag", "--mask": "causal", "--length": "64", "--heads": "3"}
        wanted |= {"--kv-heads": "3", "--width": "128", "--threads": "1", "--seconds": "0.5"}
        self.assertEqual(asked, wanted)

    def test_a_failure_of_ours_is_shown(self):
        options = attention_distributed.parse(["--mpirun", "sh -c", "--bench", "echo broken >&2; exit 3"])
        with self.assertRaisesRegex(RuntimeError, "(?s)3.*broken"):
            attention_distributed.our_result(Case(4, 64, False), options)

    @unittest.skipUnless(WITH_TORCH, "torch is not installed")
    def test_both_ways_are_exact_for_even_and_uneven_heads(self):
        report = os.path.join(self.directory.name, "report.json")
        tiny = ["--length", "64", "--widths", "16", "--rounds", "2", "--slice", "0.001", "--json", report]
        ours = ["--bench", BENCH, "--mpirun", "mpirun --oversubscribe -n 2"] if BENCH else self.ours_is(self.stand_in)
        result = self.run_program(*tiny, *ours)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(report, encoding="utf-8") as file:
            results = json.load(file)
        self.assertEqual(len(results["errors"]), 2 * 2 * 3)
        for row in results["errors"]:
            self.assertLess(row["error"], 3e-6, row)
        for row in results["rates"]:
            self.assertEqual(row["samples"], 2)
            self.assertGreater(row["ratio"], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
