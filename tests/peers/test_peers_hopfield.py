"""hopfield.py beside PyTorch, where there is one, for a fraction of a second; and the structures it shares with the library."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

import hopfield
import sampling

LIBRARY = sys.argv[1]
WITH_TORCH = importlib.util.find_spec("torch") is not None


class Quick(unittest.TestCase):
    @unittest.skipUnless(WITH_TORCH, "there is no torch")
    def test_both_starts_and_thread_counts_are_measured_and_end_in_fixed_points(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "figures.json")
            command = [sys.executable, hopfield.__file__, "--quick", "--library", LIBRARY, "--json", path]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            with open(path, encoding="utf-8") as file:
                records = json.load(file)
        self.assertIn("all our final states fixed points: True", output)
        sides = {(record["case"], record["threads"], record["rival"]) for record in records}
        for overlap in hopfield.OVERLAPS:
            case = f"N 1000, P 138, m0 {overlap:g}"
            for theirs in ("low-rank", "dense", "loop", "neuron by neuron"):
                self.assertIn((case, 1, theirs), sides)
            self.assertIn((case, 2, "ours on one thread"), sides)


class Sides(unittest.TestCase):
    def test_the_library_has_what_is_called(self):
        core = hopfield.load(LIBRARY)
        self.assertTrue(core.learning_rule_named(b"hebb") and core.dynamics_named(b"asynchronous"))
        self.assertEqual(core.patterns_flips_for(1000, 0.8), 100)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
