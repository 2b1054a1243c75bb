"""Attention over two processes with PyTorch and gloo, as good as its parts allow: the CPU flash kernel gives output and
log-sum-exp; a ring passes keys and values on while it computes; an all-to-all turns rows into heads and back. Each way
holds its inputs in the order in which it sends them, so that nothing is packed on the way out."""

import math
import time
from dataclasses import dataclass

import torch
import torch.distributed as dist

RANKS = 2
REFERENCE_ROWS = 256  # of each head and rank
flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu


@dataclass(frozen=True)
class Problem:
    heads: int
    length: int
    width: int
    causal: bool

    def inputs(self) -> torch.Tensor:
        """Queries, keys and values of the whole: [3][heads][length][width], the same on every rank."""
        return torch.randn(3, self.heads, self.length, self.width, generator=torch.Generator().manual_seed(1))

    def flops(self) -> float:
        pairs = self.length * (self.length + 1) / 2 if self.causal else self.length**2
        return 4.0 * self.heads * pairs * self.width


class Ring:
    """Each rank keeps its queries; keys and values go round. Causal: zigzag, chunks r and 3 - r of four, so that both
    ranks compute alike; rank 0's later queries then see all of the other's keys, rank 1's all queries the earlier half."""

    def __init__(self, rank: int, problem: Problem, inputs: torch.Tensor):
        self.rank, self.causal = rank, problem.causal
        chunks = torch.arange(problem.length).chunk(2 * RANKS)
        own = (rank, 2 * RANKS - 1 - rank) if problem.causal else (2 * rank, 2 * rank + 1)
        self.rows = torch.cat([chunks[chunk] for chunk in own])
        self.queries = inputs[:1, :, self.rows].clone()
        self.own = inputs[1:, None, :, self.rows].clone()
        self.other = torch.empty(2, 1, problem.heads, problem.length - len(self.rows), problem.width)
        # What of the other's keys this rank's queries see, and which queries these are.
        self.later_queries = slice(len(chunks[0]) if problem.causal and rank == 0 else 0, None)
        self.earlier_keys = slice(None, len(chunks[0]) if problem.causal and rank == 1 else None)

    def forward(self) -> torch.Tensor:
        peer = 1 - self.rank
        messages = dist.batch_isend_irecv(
            [dist.P2POp(dist.isend, self.own, peer), dist.P2POp(dist.irecv, self.other, peer)]
        )
        output, log_sum_exp = flash(self.queries, self.own[0], self.own[1], 0.0, self.causal)
        for message in messages:
            message.wait()
        keys, values = self.other[..., self.earlier_keys, :]
        partial, partial_log_sum_exp = flash(self.queries[:, :, self.later_queries], keys, values, 0.0, False)
        share = torch.sigmoid(partial_log_sum_exp - log_sum_exp[:, :, self.later_queries])
        output[:, :, self.later_queries].lerp_(partial, share[..., None])
        return output[0]


class AllToAll:
    """Rows of all heads become all rows of some heads, and back (Ulysses). Heads may divide unevenly."""

    def __init__(self, rank: int, problem: Problem, inputs: torch.Tensor):
        self.causal, self.width = problem.causal, problem.width
        self.rows = torch.arange(problem.length).chunk(RANKS)[rank]
        self.counts = [len(rows) for rows in torch.arange(problem.length).chunk(RANKS)]
        self.heads = [len(heads) for heads in torch.arange(problem.heads).chunk(RANKS)]
        self.mine = self.heads[rank]
        self.own = inputs[:, :, self.rows].transpose(0, 1).contiguous()  # [heads][3][rows][width]
        self.received = torch.empty(self.mine * 3 * problem.length * problem.width)
        self.sent_back = torch.empty(self.mine * problem.length * problem.width)
        self.output = torch.empty(problem.heads, len(self.rows), problem.width)

    def forward(self) -> torch.Tensor:
        rows = len(self.rows)
        by_rows = [3 * self.mine * count * self.width for count in self.counts]
        by_heads = [3 * heads * rows * self.width for heads in self.heads]
        dist.all_to_all_single(self.received, self.own.view(-1), by_rows, by_heads)
        parts = self.received.split(by_rows)
        whole = torch.cat([p.view(self.mine, 3, n, self.width) for p, n in zip(parts, self.counts)], dim=2)
        output, _ = flash(whole[None, :, 0], whole[None, :, 1], whole[None, :, 2], 0.0, self.causal)
        back = self.sent_back.split([size // 3 for size in by_rows])
        for part, rows_of_rank in zip(back, output[0].split(self.counts, dim=1)):
            part.view(rows_of_rank.shape).copy_(rows_of_rank)
        dist.all_to_all_single(
            self.output.view(-1), self.sent_back, [size // 3 for size in by_heads], [size // 3 for size in by_rows]
        )
        return self.output


WAYS = {"ring": Ring, "all-to-all": AllToAll}


def error(problem: Problem, inputs: torch.Tensor, rows: torch.Tensor, output: torch.Tensor) -> float:
    """The largest difference of some of the output's rows from float64."""
    chosen = torch.arange(len(rows) - 1, -1, -math.ceil(len(rows) / REFERENCE_ROWS))
    worst = 0.0
    for head in range(problem.heads):
        queries, keys, values = (part[head].double() for part in inputs)
        scores = queries[rows[chosen]] @ keys.T / math.sqrt(problem.width)
        if problem.causal:
            scores[torch.arange(problem.length) > rows[chosen, None]] = -math.inf
        worst = max(worst, float((output[head, chosen].double() - scores.softmax(-1) @ values).abs().max()))
    return worst


def timed_pass(way) -> float:
    """Seconds of one pass on this rank; all start it together."""
    dist.barrier()
    start = time.perf_counter()
    way.forward()
    return time.perf_counter() - start


def work(rank: int, meeting_file: str, threads: int, orders) -> None:
    """A rank: obeys orders until it is told to end, and waits for the next one without taking time from anyone. Orders:
    ("prepare", way, problem), answered with the error; (passes, way), answered with the seconds of each; None ends."""
    torch.set_num_threads(threads)
    dist.init_process_group("gloo", init_method=f"file://{meeting_file}", rank=rank, world_size=RANKS)
    prepared = {}
    with torch.no_grad():
        while (order := orders.recv()) is not None:
            if order[0] == "prepare":
                _, name, problem = order
                inputs = problem.inputs()
                way = prepared[name] = WAYS[name](rank, problem, inputs)
                orders.send(error(problem, inputs, way.rows, way.forward()))
            else:
                passes, name = order
                orders.send([timed_pass(prepared[name]) for _ in range(passes)])
    dist.destroy_process_group()
