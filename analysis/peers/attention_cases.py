"""The attentions that are measured, their rivals, and the ratios of rates that are required."""

import math
from dataclasses import dataclass, field, replace

from engram_core import Shape


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
