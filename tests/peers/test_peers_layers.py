"""The cases and figures of layers.py; ours beside PyTorch, where there is one, on tiny shapes."""

import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

import engram_core
import layers
import layers_core
from layers_cases import GROUPS, Case, deepbench_groups
from layers_core import RecurrentShape
from sampling import Comparison

LIBRARY = sys.argv[1]
WITH_TORCH = importlib.util.find_spec("torch") is not None


class Cases(unittest.TestCase):
    def test_flops_are_those_of_the_library_less_the_gates(self):
        core = engram_core.load(LIBRARY)
        layers_core.declare(core)
        of_gates = {"rnn": 3, "gru": 13, "lstm": 17}
        for kind, gates in of_gates.items():
            for count, both in ((1, False), (3, False), (2, True)):
                case = Case("", kind, 3, 7, 5, layers=count, bidirectional=both)
                shape = RecurrentShape(layers_core.CELLS[kind], 3, 7, 5, 5, count, both)
                elementwise = gates * 3 * 7 * 5 * count * (2 if both else 1)
                self.assertEqual(case.flops(), core.recurrent_flops(shape) - elementwise)

    def test_every_rival_is_a_side_of_its_group(self):
        for group in GROUPS + deepbench_groups(50):
            sides = {f"torch {case.name}" for case in group.cases} | {"sgemm"}
            for case in group.cases:
                for rival in case.rivals:
                    self.assertIn(layers.rival_side(group, case, rival), sides)

    def test_deepbench_shapes_are_different_and_short(self):
        groups = deepbench_groups(50)
        self.assertEqual(len({group.name for group in groups}), len(groups))
        self.assertLessEqual(max(group.cases[0].length for group in groups), 50)

    def test_requirements_can_depend_on_the_threads(self):
        self.assertEqual(layers.required_at({1: 2.0, 2: 3.5}, 2), 3.5)
        self.assertIsNone(layers.required_at({1: 2.0}, 4))
        self.assertEqual(layers.required_at(1.5, 4), 1.5)

    def test_the_geometric_mean_is_of_ratios(self):
        comparisons = [Comparison("", 1, "", [a], "", [1.0]) for a in (2.0, 8.0)]
        self.assertTrue(math.isclose(layers.geometric_mean(comparisons), 4.0))


class Program(unittest.TestCase):
    @unittest.skipUnless(WITH_TORCH, "torch is not installed")
    def test_both_sides_compute_the_same(self):
        with tempfile.TemporaryDirectory() as directory:
            report = os.path.join(directory, "report.json")
            tiny = ["--shrink", "32", "--seconds", "0", "--turns", "1", "--draws", "1", "--threads", "1"]
            command = [sys.executable, layers.__file__, "--library", LIBRARY, *tiny, "--json", report]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)
            with open(report, encoding="utf-8") as file:
                results = json.load(file)
        self.assertEqual(len(results["errors"]), sum(len(group.cases) for group in GROUPS))
        for row in results["errors"]:
            self.assertLess(row["ours"], 5e-6, row)
            self.assertLess(row["torch"], 5e-6, row)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
