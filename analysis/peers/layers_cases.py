"""The recurrent layers and convolutions that are measured, their rivals, and the ratios of rates that are required."""

from dataclasses import dataclass, field, replace

LENGTH, WIDTH = 1024, 512
CONVOLUTION = "convolution"
DEEPBENCH_RATIO = 1.3

# Of our rate to a rival's: for any number of threads, or by their number.
Required = float | dict[int, float] | None


@dataclass(frozen=True)
class Case:
    """One layer, or a few."""

    name: str
    kind: str  # rnn, gru, lstm or convolution
    batch: int
    length: int = LENGTH
    width: int = WIDTH
    kernel_size: int = 3
    dilation: int = 1
    layers: int = 1
    bidirectional: bool = False
    rivals: dict[str, Required] = field(default_factory=dict)

    def flops(self) -> float:
        """Of the products: the smaller terms and the ends of a sequence are the same on all sides."""
        rows = self.batch * self.length
        if self.kind == CONVOLUTION:
            return 2.0 * rows * self.kernel_size * self.width**2
        directions = 2 if self.bidirectional else 1
        gates = {"rnn": 1, "gru": 3, "lstm": 4}[self.kind]
        depths = sum((directions if layer else 1) * self.width + self.width for layer in range(self.layers))
        return 2.0 * rows * directions * gates * self.width * depths

    def shrunk(self, factor: int) -> "Case":
        return replace(self, length=max(1, self.length // factor), width=max(1, self.width // factor))


@dataclass(frozen=True)
class Group:
    """Cases that are measured in the same turns. A rival named `torch KIND` is PyTorch's layer of that kind in this
    group, `torch` that of the case itself, `sgemm` a product of square matrices."""

    name: str
    cases: list[Case]


def cells(batch: int, own: dict[str, Required]) -> list[Case]:
    return [
        Case(kind.upper(), kind, batch, rivals={"torch": own[kind]} | ({} if kind == "lstm" else {"torch lstm": 1.0}))
        for kind in ("rnn", "gru", "lstm")
    ]


def convolutions(batch: int) -> list[Case]:
    both = {"torch": 0.95, "sgemm": 0.95}
    return [
        Case("k 3", CONVOLUTION, batch, rivals=both),
        Case("k 7, dilation 4", CONVOLUTION, batch, kernel_size=7, dilation=4, rivals=both),
    ]


ONE_SEQUENCE = {1: 2.0, 2: 3.5}
GROUPS = [
    Group("batch 16", cells(16, {"rnn": 1.5, "gru": 1.5, "lstm": 1.0})),
    Group("batch 1", cells(1, {"rnn": ONE_SEQUENCE, "gru": ONE_SEQUENCE, "lstm": 1.15})),
    Group("convolution, batch 16", convolutions(16)),
    Group("convolution, batch 1", convolutions(1)),
    Group("4 layers, batch 1", [Case("GRU, d 128", "gru", 1, width=128, layers=4, rivals={"torch": None})]),
    Group(
        "both directions, batch 1",
        [Case("LSTM, d 256", "lstm", 1, width=256, bidirectional=True, rivals={"torch": None})],
    ),
]

# Baidu's DeepBench, code/kernels/rnn_problems.h: (width, batches, steps) of the sets for training, the inference server
# and the inference device together. GRUs of the same width and batch differ in the number of steps alone and are taken
# once, with the fewest; what ours takes of a step does not depend on their number.
DEEPBENCH = {
    "rnn": [(1760, (16, 32, 64, 128), 50), (2048, (16, 32, 64, 128), 50), (2560, (16, 32, 64, 128), 50),
            (32, (1,), 672), (64, (1,), 96)],
    "lstm": [(512, (1, 2, 4, 16, 32, 64, 128), 25), (1024, (1, 2, 4, 16, 32, 64, 128), 25),
             (2048, (1, 2, 4, 16, 32, 64, 128), 25), (4096, (16, 32, 64, 128), 25),
             (1536, (1, 2, 4, 8, 16, 32), 50), (256, (1, 2, 4, 16, 32, 64), 150)],
    "gru": [(2816, (1, 2, 4, 32), 187), (2048, (1, 2, 4, 32), 187), (1536, (1, 2, 4, 32), 187),
            (2560, (1, 2, 4, 32), 187), (512, (1, 2, 4, 32), 1), (1024, (1, 2, 4, 32, 64), 1500)],
}  # fmt: skip


def deepbench_groups(most_steps: int) -> list[Group]:
    return [
        Group(
            f"DeepBench {kind}, d {width}, batch {batch}",
            [Case(kind.upper(), kind, batch, min(steps, most_steps), width, rivals={"torch": None})],
        )
        for kind, shapes in DEEPBENCH.items()
        for width, batches, steps in shapes
        for batch in batches
    ]
