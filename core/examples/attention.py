"""Attention on arrays of one's own, with ctypes alone. Finds libengram_core.so where the loader does."""
import ctypes
import math

core = ctypes.CDLL("libengram_core.so")
heads, length, width = 2, 3, 4
count = heads * length * width
numbers = ctypes.c_float * count
queries, keys, values = (numbers(*(math.sin(phase + i * i) for i in range(count))) for phase in (0, 1, 2))
output, plan = numbers(), ctypes.c_void_p()
shape = (ctypes.c_size_t * 6)(1, heads, heads, length, length, width)  # struct attention_shape
mask = (ctypes.c_size_t * 9)()  # struct attention_mask: all zero is no mask
if core.attention_plan_create(shape, ctypes.byref(plan)):
    raise SystemExit("attention_plan_create failed")
core.attention_forward(plan, mask, ctypes.c_float(width**-0.5), queries, keys, values, output, None)
core.attention_plan_destroy(ctypes.byref(plan))

# The first row again: values weighed by exp(q k / sqrt(width)).
scores = [sum(queries[i] * keys[j * width + i] for i in range(width)) * width**-0.5 for j in range(length)]
weights = [math.exp(score) / sum(map(math.exp, scores)) for score in scores]
expected = [sum(weights[j] * values[j * width + i] for j in range(length)) for i in range(width)]
print(*(f"{ours:9.6f} ({exact:9.6f})" for ours, exact in zip(output, expected)), sep="\n")
raise SystemExit(max(abs(ours - exact) for ours, exact in zip(output, expected)) > 1e-6)
