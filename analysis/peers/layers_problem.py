"""One layer on tensors: as ours and PyTorch compute it with the same parameters, and what float64 says."""

import layers_core
from attention_problem import Error
from layers_cases import CONVOLUTION, Case
from layers_core import ConvolutionShape, Layer, RecurrentShape


class Problem:
    """Each side reads and writes the layout that it is made for: ours [batch][length][width], PyTorch's recurrent
    layers [length][batch][width], its convolution [batch][width][length]."""

    def __init__(self, core, torch, case: Case, draw: int = 0):
        self.core, self.torch, self.case = core, torch, case
        torch.manual_seed(draw)
        self.input = torch.randn(case.batch, case.length, case.width)
        outputs = case.width * (2 if case.bidirectional else 1)
        self.output = torch.empty(case.batch, case.length, outputs)
        self.module = self.make_module()
        self.peer_input = self.to_peer(self.input).contiguous()

    def make_module(self):
        case, nn = self.case, self.torch.nn
        if case.kind == CONVOLUTION:
            padding = (case.kernel_size - 1) // 2 * case.dilation
            sizes = (case.width, case.width, case.kernel_size)
            module = nn.Conv1d(*sizes, padding=padding, dilation=case.dilation, bias=False)
        else:
            kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[case.kind]
            module = kind(case.width, case.width, num_layers=case.layers, bidirectional=case.bidirectional)
            for name, parameter in module.named_parameters():
                if name.startswith("bias_hh"):  # ours has one bias, and so the operations of one
                    parameter.zero_()
        return module.eval()

    def to_peer(self, tensor):
        return tensor.transpose(1, 2) if self.case.kind == CONVOLUTION else tensor.transpose(0, 1)

    def peer_forward(self):
        result = self.module(self.peer_input)
        return result if self.case.kind == CONVOLUTION else result[0]

    def forward(self, layer: Layer) -> None:
        layer.forward(self.input.data_ptr(), self.output.data_ptr())

    def layer(self) -> Layer:
        case = self.case
        if case.kind == CONVOLUTION:
            shape = ConvolutionShape(case.batch, case.length, case.width, case.kernel_size, case.dilation, False)
            # PyTorch's first tap reads the past, ours the future.
            weights = self.module.weight.permute(2, 1, 0).flip(0).contiguous()
            return layers_core.convolution(self.core, shape, weights)
        sizes = (case.batch, case.length, case.width, case.width, case.layers, case.bidirectional)
        return layers_core.recurrent(self.core, RecurrentShape(layers_core.CELLS[case.kind], *sizes), self.parameters())

    def parameters(self) -> dict:
        found = {}
        for index in range(self.case.layers):
            for backward in (False, True) if self.case.bidirectional else (False,):
                end = f"_l{index}" + ("_reverse" if backward else "")
                names = (f"{name}{end}" for name in ("weight_ih", "weight_hh", "bias_ih"))
                found[index, backward] = [getattr(self.module, name).contiguous() for name in names]
        return found

    def errors(self) -> tuple[Error, Error]:
        """Of ours and of PyTorch's, against its layer in float64."""
        with self.layer() as layer:
            self.forward(layer)
        peer = self.peer_forward()
        self.module.double()
        exact = self.module(self.peer_input.double())
        exact = exact if self.case.kind == CONVOLUTION else exact[0]
        self.module.float()
        results = Error(), Error()
        for error, output in zip(results, (self.to_peer(self.output), peer)):
            error.add(output.double() - exact)
        return results
