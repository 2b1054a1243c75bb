"""One attention on tensors: as ours and PyTorch compute it, and what float64 says."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import engram_core
from attention_cases import Case
from engram_core import Arrays, Attention, Mask

LOGIT_MAX = 80.0
REFERENCE_ROWS = 512  # of each head; float64 takes long


@dataclass
class Error:
    """Of an output against float64."""

    largest: float = 0.0
    squares: float = 0.0
    count: int = 0

    def add(self, difference) -> None:
        self.largest = max(self.largest, float(difference.abs().max()))
        self.squares += float(difference.square().sum())
        self.count += difference.numel()

    def rms(self) -> float:
        return math.sqrt(self.squares / self.count)


class Problem:
    """The arrays of a case, as tensors, and what can be done with them."""

    def __init__(self, core, torch, case: Case, draw: int = 0):
        self.core, self.torch, self.case, self.shape = core, torch, case, case.shape()
        shape, generator = self.shape, torch.Generator().manual_seed(draw)
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

    def errors(self, outputs: list) -> list[Error]:
        rows, errors = self.rows(), [Error() for _ in outputs]
        for batch, head in self.heads():
            values = self.values[batch, head * self.shape.kv_heads // self.shape.heads].double()
            exact = self.logits(batch, head).softmax(-1) @ values
            for error, output in zip(errors, outputs):
                error.add(output[batch, head, rows].double() - exact)
        return errors
