"""Retrieval from a Hopfield network by libengram_core beside PyTorch: low-rank and dense synchronous updates to the attractor, and the
usual asynchronous loop; and beside our own loop over all neurons. Same patterns, same starts, in turns, learning included on our side.
Trials a second."""

import argparse
import ctypes
import json
import os
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_int, c_size_t, c_uint32, c_uint64, c_void_p

from engram_core import default_library
from sampling import COMPARISON_HEADER, Comparison, Side, comparison_cells, sample_in_turns, table

# (neurons, required of the ratio to low-rank updates)
SIZES = [(1000, 4.0), (4000, 25.0), (10000, 35.0)]
ASYNCHRONOUS_RATIO = 500.0
THREADS_RATIO = 1.85
LOAD = 0.138
OVERLAPS = (1.0, 0.8)  # at the pattern; 10 % of the neurons flipped
SWEEPS_MAX = 10000
KEY = 1
QUICK = ["--seconds", "0.1", "--turns", "2", "--sizes", "1000", "--trials", "16"]
NEURON_BY_NEURON = 1  # HOPFIELD_PATTERNS: no couplings, hence no fields to keep up
NEURON_BY_NEURON_TRIALS = 4
DENSE_WORK = 2e9  # neurons^2 trials of dense updates at most


class Settings(ctypes.Structure):
    """struct hopfield_settings"""

    _fields_ = [("key", c_uint64), ("first_trial", c_size_t), ("sweep_cap", c_size_t), ("observer", c_void_p), ("heat_bath", c_void_p)]


class RandomSource(ctypes.Structure):
    """struct random_source"""

    _fields_ = [("key", c_uint64), ("stream", c_uint32), ("part", c_uint32)]


class Error(ctypes.Structure):
    """struct error"""

    _fields_ = [("status", c_int), ("text", c_char * 500)]


OUTCOME_BYTES = 48  # more than struct outcome takes

PROTOTYPES = {
    "learning_rule_named": (c_void_p, [c_char_p]),
    "dynamics_named": (c_void_p, [c_char_p]),
    "patterns_create": (c_int, [c_size_t, c_size_t, POINTER(c_void_p)]),
    "patterns_destroy": (None, [POINTER(c_void_p)]),
    "patterns_draw": (None, [c_void_p, c_uint64]),
    "patterns_spins": (None, [c_void_p, c_size_t, c_void_p]),
    "patterns_flips_for": (c_size_t, [c_size_t, c_double]),
    "patterns_disturb": (c_int, [c_size_t, c_size_t, RandomSource, c_void_p]),
    "hopfield_create": (c_int, [c_void_p, c_void_p, c_size_t, POINTER(c_void_p), POINTER(Error)]),
    "hopfield_create_engine": (c_int, [c_void_p, c_void_p, c_int, POINTER(c_void_p), POINTER(Error)]),
    "hopfield_destroy": (None, [POINTER(c_void_p)]),
    "hopfield_retrieve": (
        c_int,
        [c_void_p, c_void_p, POINTER(Settings), c_size_t, c_void_p, c_void_p, POINTER(Error)],
    ),
}
RANDOM_START = 1


def load(path: str) -> ctypes.CDLL:
    core = ctypes.CDLL(path)
    for name, (result, arguments) in PROTOTYPES.items():
        function = getattr(core, name)
        function.restype, function.argtypes = result, arguments
    return core


class Problem:
    """Random patterns and a start at each of them, as bytes for us and as float32 for PyTorch."""

    def __init__(self, core, torch, neurons: int, overlap: float):
        self.core, self.torch, self.neurons = core, torch, neurons
        self.count = round(LOAD * neurons)
        self.patterns = c_void_p()
        self.check(core.patterns_create(neurons, self.count, byref(self.patterns)))
        core.patterns_draw(self.patterns, KEY)
        stored = torch.empty((self.count, neurons), dtype=torch.int8)
        for p in range(self.count):
            core.patterns_spins(self.patterns, p, stored[p].data_ptr())
        self.starts = stored.clone()
        flips = core.patterns_flips_for(neurons, overlap)
        for p in range(self.count):
            self.check(core.patterns_disturb(neurons, flips, RandomSource(KEY, RANDOM_START, p), self.starts[p].data_ptr()))
        self.spins = torch.empty_like(self.starts)
        self.outcomes = ctypes.create_string_buffer(OUTCOME_BYTES * self.count)
        self.rule, self.dynamics = core.learning_rule_named(b"hebb"), core.dynamics_named(b"asynchronous")
        self.stored = stored.float()
        self.weights = None

    @staticmethod
    def check(status: int, error: Error | None = None) -> None:
        if status:
            raise RuntimeError(error.text.decode() if error else f"status {status}")

    def close(self) -> None:
        self.core.patterns_destroy(byref(self.patterns))

    def ours(self, threads: int) -> None:
        """Learns and retrieves from all starts."""
        if self.torch.get_num_threads() != threads:
            self.torch.set_num_threads(threads)  # of the OpenMP that both use
        network, error = c_void_p(), Error()
        self.check(self.core.hopfield_create(self.rule, self.patterns, self.count, byref(network), byref(error)), error)
        self.retrieve(network, self.count)

    def neuron_by_neuron(self, trials: int) -> None:
        """Looks at every neuron in its turn; the same final states."""
        self.torch.set_num_threads(1)
        network, error = c_void_p(), Error()
        self.check(
            self.core.hopfield_create_engine(self.rule, self.patterns, NEURON_BY_NEURON, byref(network), byref(error)), error
        )
        self.retrieve(network, trials)

    def retrieve(self, network, trials: int) -> None:
        """From the first starts, and ends the network."""
        error, settings = Error(), Settings(KEY, 0, 0, None, None)
        self.spins[:trials].copy_(self.starts[:trials])
        status = self.core.hopfield_retrieve(
            network, self.dynamics, byref(settings), trials, self.spins.data_ptr(), self.outcomes, byref(error)
        )
        self.core.hopfield_destroy(byref(network))
        self.check(status, error)

    def synchronous(self, fields, trials: int):
        """Updates the first starts until each is a fixed point or in a 2-cycle; those that are leave the batch."""
        torch = self.torch
        state, final = self.starts[:trials].float(), torch.empty((trials, self.neurons))
        before, index = torch.zeros_like(state), torch.arange(trials)
        for _ in range(SWEEPS_MAX):
            field = fields(state)
            after = torch.where(field == 0, state, torch.sign(field))
            ended = (after == state).all(dim=1) | (after == before).all(dim=1)
            if ended.any():
                final[index[ended]] = after[ended]
                going = ~ended
                index, state, after = index[going], state[going], after[going]
                if index.numel() == 0:
                    return final
            before, state = state, after
        raise RuntimeError("synchronous updates did not end")

    def low_rank(self, threads: int, trials: int):
        self.torch.set_num_threads(threads)
        return self.synchronous(lambda s: (s @ self.stored.T) @ self.stored - self.count * s, trials)

    def learn_weights(self):
        if self.weights is None:
            self.weights = self.stored.T @ self.stored
            self.weights.fill_diagonal_(0)
        return self.weights

    def dense(self, threads: int, trials: int):
        self.torch.set_num_threads(threads)
        weights = self.learn_weights()
        return self.synchronous(lambda s: s @ weights, trials)

    def asynchronous(self, trial: int):
        """Neuron after neuron in a random order until a sweep changes none, as tutorials do it."""
        torch, weights = self.torch, self.learn_weights()
        torch.set_num_threads(1)
        state = self.starts[trial].float()
        changed = True
        while changed:
            changed = False
            for i in torch.randperm(self.neurons).tolist():
                field = float(weights[i] @ state)
                if field * float(state[i]) < 0:
                    state[i] = -state[i]
                    changed = True
        return state


def is_fixed(problem: Problem) -> bool:
    """Whether each of our final states is a fixed point by PyTorch's arithmetic."""
    state = problem.spins.float()
    return bool((state * ((state @ problem.stored.T) @ problem.stored - problem.count * state) >= 0).all())


def sides_of(problem: Problem, threads: int, options) -> list[Side]:
    """Ours first. What does not depend on threads is measured on one."""
    low_rank = min(problem.count, options.trials)
    dense = max(1, min(low_rank, int(DENSE_WORK / problem.neurons**2)))
    few = min(problem.count, NEURON_BY_NEURON_TRIALS)
    sides = [
        Side("ours", problem.count, lambda: problem.ours(threads)),
        Side("low-rank", low_rank, lambda: problem.low_rank(threads, low_rank)),
    ]
    if threads > 1:
        return sides + [Side("ours on one thread", problem.count, lambda: problem.ours(1))]
    sides.append(Side("neuron by neuron", few, lambda: problem.neuron_by_neuron(few)))
    if problem.neurons <= options.dense:
        sides.append(Side("dense", dense, lambda: problem.dense(1, dense)))
    if problem.neurons <= options.loop:
        sides.append(Side("loop", 1, lambda: problem.asynchronous(0)))
    return sides


def measure(core, torch, neurons: int, required: float, overlap: float, threads: int, options) -> list[Comparison]:
    problem = Problem(core, torch, neurons, overlap)
    rates = sample_in_turns(sides_of(problem, threads, options), options.seconds, options.turns)
    wanted = {"low-rank": required, "loop": ASYNCHRONOUS_RATIO, "ours on one thread": THREADS_RATIO}
    problem.ours(threads)
    case = f"N {neurons}, P {problem.count}, m0 {overlap:g}"
    notes = {"fixed_points": is_fixed(problem), "microseconds": 1e6 / sorted(rates["ours"])[len(rates["ours"]) // 2]}
    problem.close()
    return [
        Comparison(case, threads, "trials/s", rates["ours"], name, rates[name], wanted.get(name), notes)
        for name in rates
        if name != "ours"
    ]


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", default=default_library(), help="libengram_core.so")
    parser.add_argument("--quick", action="store_true", help="a fraction of a second: whether it works")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2], help="of both sides; above 1 ours on one thread is a side, too")
    parser.add_argument("--seconds", type=float, default=10, help="of each case")
    parser.add_argument("--turns", type=int, default=6, help="at least; fewer than 6 give no interval")
    parser.add_argument("--trials", type=int, default=256, help="of synchronous updates at once; ours does one for each pattern")
    parser.add_argument("--sizes", type=int, nargs="*", default=[size for size, _ in SIZES])
    parser.add_argument("--dense", type=int, default=10000, help="largest size of dense updates")
    parser.add_argument("--loop", type=int, default=10000, help="largest size of the asynchronous loop")
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args(QUICK + arguments if "--quick" in arguments else arguments)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import torch
    except ImportError:
        print("torch is missing: pip install torch==2.13.0 (see README.md)", file=sys.stderr)
        return 1
    core, comparisons = load(options.library), []
    with torch.no_grad():
        for neurons, required in SIZES:
            for overlap in OVERLAPS if neurons in options.sizes else ():
                for threads in options.threads:
                    comparisons += measure(core, torch, neurons, required, overlap, threads, options)
    print(table(COMPARISON_HEADER, [comparison_cells(c) for c in comparisons]), end="\n\n")
    print(f"torch {torch.__version__}; all our final states fixed points: {all(c.notes['fixed_points'] for c in comparisons)}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump([comparison.record() for comparison in comparisons], file, indent=1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
