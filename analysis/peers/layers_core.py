"""Layers of libengram_core through ctypes: the part of core/sequence/sequence.h that the peers are measured with."""

import ctypes
from ctypes import POINTER, byref, c_bool, c_double, c_int, c_size_t, c_uint32, c_uint64, c_void_p

CELLS = {"rnn": 0, "gru": 1, "lstm": 2}


class RandomSource(ctypes.Structure):
    """struct random_source"""

    _fields_ = [("key", c_uint64), ("stream", c_uint32), ("part", c_uint32)]


class RecurrentShape(ctypes.Structure):
    """struct recurrent_shape"""

    _fields_ = [("cell", c_int)]
    _fields_ += [(name, c_size_t) for name in ("batch", "length", "width", "inputs", "layers")]
    _fields_ += [("bidirectional", c_bool)]


class RecurrentParameters(ctypes.Structure):
    """struct recurrent_parameters"""

    _fields_ = [(name, c_void_p) for name in ("input_weights", "recurrent_weights", "bias")]


class ConvolutionShape(ctypes.Structure):
    """struct convolution_shape"""

    _fields_ = [(name, c_size_t) for name in ("batch", "length", "width", "kernel_size", "dilation")]
    _fields_ += [("causal", c_bool)]


PROTOTYPES = {
    "recurrent_create": (c_int, [POINTER(RecurrentShape), RandomSource, POINTER(c_void_p)]),
    "recurrent_destroy": (None, [POINTER(c_void_p)]),
    "recurrent_set_parameters": (c_int, [c_void_p, c_size_t, c_bool, POINTER(RecurrentParameters)]),
    "recurrent_forward": (None, [c_void_p, c_void_p, c_void_p]),
    "recurrent_flops": (c_double, [POINTER(RecurrentShape)]),
    "convolution_create": (c_int, [POINTER(ConvolutionShape), RandomSource, POINTER(c_void_p)]),
    "convolution_destroy": (None, [POINTER(c_void_p)]),
    "convolution_set_weights": (None, [c_void_p, c_void_p]),
    "convolution_forward": (None, [c_void_p, c_void_p, c_void_p]),
    "convolution_flops": (c_double, [POINTER(ConvolutionShape)]),
}


def declare(core: ctypes.CDLL) -> None:
    for name, (result, arguments) in PROTOTYPES.items():
        function = getattr(core, name)
        function.restype, function.argtypes = result, arguments


class Layer:
    """A layer of either kind; use it in a `with`."""

    def __init__(self, core: ctypes.CDLL, kind: str, shape: ctypes.Structure):
        self.core, self.prefix, self.handle = core, kind, c_void_p()
        status = self.function("create")(byref(shape), RandomSource(1, 0, 0), byref(self.handle))
        if status:
            raise MemoryError(core.status_text(status).decode())

    def function(self, name: str):
        return getattr(self.core, f"{self.prefix}_{name}")

    def __enter__(self) -> "Layer":
        return self

    def __exit__(self, *_exception) -> None:
        self.function("destroy")(byref(self.handle))

    def forward(self, input_address: int, output_address: int) -> None:
        self.function("forward")(self.handle, input_address, output_address)


def recurrent(core: ctypes.CDLL, shape: RecurrentShape, parameters: dict) -> Layer:
    """`parameters`: (layer, backward) -> the tensors of RecurrentParameters, contiguous."""
    layer = Layer(core, "recurrent", shape)
    for (index, backward), tensors in parameters.items():
        addresses = RecurrentParameters(*(tensor.data_ptr() for tensor in tensors))
        status = core.recurrent_set_parameters(layer.handle, index, backward, byref(addresses))
        if status:
            raise ValueError(core.status_text(status).decode())
    return layer


def convolution(core: ctypes.CDLL, shape: ConvolutionShape, weights) -> Layer:
    """`weights`: a contiguous tensor [kernel_size][in][out]."""
    layer = Layer(core, "convolution", shape)
    core.convolution_set_weights(layer.handle, weights.data_ptr())
    return layer
