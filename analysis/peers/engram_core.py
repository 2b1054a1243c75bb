"""libengram_core through ctypes: the part of core/attention/attention.h that the peers are measured with."""

import ctypes
import os
from ctypes import POINTER, byref, c_bool, c_double, c_float, c_int, c_size_t, c_void_p
from dataclasses import dataclass

FULL, CAUSAL, WINDOW = range(3)


class Shape(ctypes.Structure):
    """struct attention_shape"""

    _fields_ = [
        (name, c_size_t)
        for name in ("batch", "heads", "kv_heads", "query_length", "key_length", "head_width")
    ]


class Rows(ctypes.Structure):
    """struct attention_rows"""

    _fields_ = [("first", c_size_t), ("step", c_size_t), ("positions", POINTER(c_size_t))]


class Mask(ctypes.Structure):
    """struct attention_mask"""

    _fields_ = [
        ("kind", c_int),
        ("window", c_size_t),
        ("queries", Rows),
        ("keys", Rows),
        ("key_lengths", POINTER(c_size_t)),
    ]


PROTOTYPES = {
    "attention_plan_create": (c_int, [POINTER(Shape), POINTER(c_void_p)]),
    "attention_plan_destroy": (None, [POINTER(c_void_p)]),
    "attention_forward": (None, [c_void_p, POINTER(Mask), c_float] + [c_void_p] * 5),
    "attention_flops": (c_double, [POINTER(Shape), POINTER(Mask)]),
    "attention_scale": (c_float, [POINTER(Shape)]),
    "blas_set_threads": (c_int, [c_int]),
    "rates_read": (c_double, [c_size_t, c_void_p]),
    "product_f32": (
        None,
        [c_size_t] * 3 + [c_void_p, c_size_t, c_void_p, c_size_t, c_bool, c_void_p, c_size_t],
    ),
    "status_text": (ctypes.c_char_p, [c_int]),
}


def default_library() -> str:
    """The release build beside this script, else whatever the loader finds."""
    tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    built = os.path.join(tree, "build", "release", "libengram_core.so")
    return built if os.path.exists(built) else "libengram_core.so"


def load(path: str) -> ctypes.CDLL:
    """The library with the prototypes above. Whoever uses torch imports it first: then both share its OpenMP."""
    core = ctypes.CDLL(path)
    for name, (result, arguments) in PROTOTYPES.items():
        function = getattr(core, name)
        function.restype, function.argtypes = result, arguments
    return core


@dataclass
class Arrays:
    """Addresses of dense float arrays as attention.h lays them out; log_sum_exp None: not wanted."""

    queries: int
    keys: int
    values: int
    output: int
    log_sum_exp: int | None = None


class Attention:
    """A plan for one shape on the threads set at its creation; use it in a `with`."""

    def __init__(self, core: ctypes.CDLL, shape: Shape, mask: Mask):
        self.core, self.shape, self.mask, self.plan = core, shape, mask, c_void_p()
        status = core.attention_plan_create(byref(shape), byref(self.plan))
        if status:
            raise MemoryError(core.status_text(status).decode())
        self.scale = core.attention_scale(byref(shape))

    def __enter__(self) -> "Attention":
        return self

    def __exit__(self, *_exception) -> None:
        self.core.attention_plan_destroy(byref(self.plan))

    def flops(self) -> float:
        """Of the visible pairs: 4 pairs width."""
        return self.core.attention_flops(byref(self.shape), byref(self.mask))

    def forward(self, arrays: Arrays) -> None:
        inputs = (arrays.queries, arrays.keys, arrays.values)
        results = (arrays.output, arrays.log_sum_exp)
        self.core.attention_forward(self.plan, byref(self.mask), self.scale, *inputs, *results)
