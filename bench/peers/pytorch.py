"""PyTorch: `python3 pytorch.py cpu|cuda f32|bf16|f16 [weights] [compile]`.

In less than f32 a training step is mixed precision by autocast; with `weights` parameters and optimizer are of it too.
"""

import contextlib
import os
import sys

import torch

from serve import layer_parameters, serve

device, precision, *settings = sys.argv[1:]
kind = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[precision]
stored = kind if "weights" in settings else torch.float32
# Float32 products are that throughout, as everywhere here: no TF32.
torch.set_float32_matmul_precision("highest")
if device == "cpu":
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
ACTIVATIONS = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}


def idle():
    if device == "cuda":
        torch.cuda.synchronize()


class Product:
    """Operands and result in the precision: less than f32 finds them converted already."""

    def __init__(self, case, a, b):
        m, n, k = case["m"], case["n"], case["k"]
        a, b = (torch.from_numpy(x).to(device, kind) for x in (a, b))
        self.a = a.view(k, m).T if case["transposeA"] else a.view(m, k)
        self.b = b.view(n, k).T if case["transposeB"] else b.view(k, n)
        self.out = torch.empty(m, n, device=device, dtype=kind)
        self.idle = idle

    def run(self, times):
        for _ in range(times):
            torch.mm(self.a, self.b, out=self.out)

    def result(self):
        return self.out.float().cpu().numpy()


class Training:
    def __init__(self, case, parameters, images):
        layers = case["layers"]
        self.images = torch.from_numpy(images).to(device).view(case["batch"], layers[0]["inputs"])
        self.input = self.images.to(stored)
        modules = []
        for layer in layers:
            modules.append(linear(*layer_parameters(layer, parameters)))
            if layer["activation"] in ACTIVATIONS:
                modules.append(ACTIVATIONS[layer["activation"]]())
        self.network = torch.nn.Sequential(*modules).to(device, stored)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=case["rate"], fused=True)
        self.scaler = torch.amp.GradScaler(device, enabled=precision == "f16")
        self.criterion = torch.nn.MSELoss()
        self.forward = torch.compile(self.reconstruct) if "compile" in settings else self.reconstruct
        self.latest = None
        self.idle = idle

    def reconstruct(self):
        mixed = torch.autocast(device, kind) if kind != stored else contextlib.nullcontext()
        with mixed:
            output = self.network(self.input)
        return self.criterion(output.float(), self.images)

    def run(self, times):
        for _ in range(times):
            self.optimizer.zero_grad(set_to_none=True)
            self.latest = self.forward()
            self.scaler.scale(self.latest).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()

    def loss(self):
        return self.latest.item()


class Model(Training):
    """A classifier, or a variational autoencoder, in f32."""

    def __init__(self, case, parameters, images):
        layers = case["layers"]
        self.kind = case["model"]
        self.images = torch.from_numpy(images).to(device).view(case["batch"], layers[0]["inputs"])
        self.labels = torch.tensor(case["labels"], device=device)
        self.layers = torch.nn.ModuleList([linear(*layer_parameters(layer, parameters)) for layer in layers]).to(device)
        self.optimizer = torch.optim.Adam(self.layers.parameters(), lr=case["rate"], fused=True)
        self.scaler = torch.amp.GradScaler(device, enabled=False)
        self.forward = torch.compile(self.objective) if "compile" in settings else self.objective
        self.latest = None
        self.idle = idle

    def objective(self):
        f, relu, layers = torch.nn.functional, torch.relu, self.layers
        hidden = relu(layers[1](relu(layers[0](self.images))))
        if self.kind == "classifier":
            return f.cross_entropy(layers[2](hidden), self.labels)
        mean, log_variance = layers[2](hidden), layers[3](hidden)
        code = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        logits = layers[6](relu(layers[5](relu(layers[4](code)))))
        rows = len(self.images)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum() / rows
        return f.binary_cross_entropy_with_logits(logits, self.images, reduction="sum") / rows + divergence


def linear(weight, bias):
    layer = torch.nn.Linear(*weight.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T.copy()))
        layer.bias.copy_(torch.from_numpy(bias.copy()))
    return layer


serve(f"PyTorch {torch.__version__} ({device})", gemm=Product, step=Training, model=Model)
