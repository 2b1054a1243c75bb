"""Turns, medians and their intervals, verdicts and tables."""

import math
import random
import statistics
import sys
import unittest

from sampling import Comparison, Side, median_interval, quartiles, sample_in_turns, table


def coverage(count: int, low_rank: int) -> float:
    """Probability that the median lies between the order statistics low_rank and count + 1 - low_rank."""
    return 1 - 2 * sum(math.comb(count, i) for i in range(low_rank)) / 2**count


class Sampling(unittest.TestCase):
    def test_every_other_turn_goes_backwards(self):
        calls = []
        sides = [Side(name, 1.0, lambda name=name: calls.append(name)) for name in "abc"]
        rates = sample_in_turns(sides, seconds=0, turns=4, least_sample=0)
        self.assertEqual("".join(calls[6:]), "abccbaabccba")  # two calls of each before, to learn how long they take
        self.assertEqual([len(rates[name]) for name in "abc"], [4, 4, 4])

    def test_median_interval_is_the_shortest_symmetric_one_that_covers(self):
        for count in range(1, 60):
            values = [float(i) for i in range(1, count + 1)]
            random.Random(count).shuffle(values)
            interval = median_interval(values)
            if interval is None:
                self.assertLess(coverage(count, 1), 0.95)
                continue
            low, high = interval
            self.assertEqual(low + high, count + 1)
            self.assertGreaterEqual(coverage(count, int(low)), 0.95)
            if low + 1 < high - 1:
                self.assertLess(coverage(count, int(low) + 1), 0.95)

    def test_quartiles_hold_the_median(self):
        values = [3.0, 1.0, 2.0, 5.0, 4.0]
        self.assertEqual(quartiles(values), (2.0, statistics.median(values), 4.0))
        self.assertEqual(quartiles([7.0]), (7.0, 7.0, 7.0))

    def test_verdicts_say_when_the_interval_holds_both(self):
        def verdict(ratios, required):
            return Comparison("case", 1, "GF/s", ratios, "rival", [1.0] * len(ratios), required).verdict()

        self.assertEqual(verdict([1.3] * 8, 1.2), "yes")
        self.assertEqual(verdict([1.1] * 8, 1.2), "no")
        self.assertEqual(verdict([1.1, 1.3] * 4 + [1.3], 1.2), "yes?")
        self.assertEqual(verdict([1.1, 1.3] * 4 + [1.1], 1.2), "no?")
        self.assertEqual(verdict([1.3] * 3, 1.2), "yes?")  # too few for an interval
        self.assertEqual(verdict([1.3] * 8, None), "")

    def test_ratios_pair_what_was_measured_in_one_turn(self):
        drifting = Comparison("case", 1, "GF/s", [2.0, 4.0, 8.0], "rival", [1.0, 2.0, 4.0])
        self.assertEqual(drifting.ratios(), [2.0, 2.0, 2.0])

    def test_table_columns_are_aligned(self):
        lines = table(["a", "long name"], [["wide cell", "b"]]).splitlines()
        self.assertEqual(len({len(line) for line in lines}), 1)
        self.assertEqual(len(lines), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
