"""PyTorch, eager: `python3 pytorch.py cpu`, or `python3 pytorch.py cuda`."""

import sys

import torch

from serve import layer_parameters, serve

device = sys.argv[1]
# Float32 throughout, as everyone else: no TF32.
torch.set_float32_matmul_precision("highest")
ACTIVATIONS = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}


def idle():
    if device == "cuda":
        torch.cuda.synchronize()


class Product:
    def __init__(self, case, a, b):
        m, n, k = case["m"], case["n"], case["k"]
        a, b = (torch.from_numpy(x).to(device) for x in (a, b))
        self.a = a.view(k, m).T if case["transposeA"] else a.view(m, k)
        self.b = b.view(n, k).T if case["transposeB"] else b.view(k, n)
        self.out = torch.empty(m, n, device=device)
        self.idle = idle

    def run(self, times):
        for _ in range(times):
            torch.mm(self.a, self.b, out=self.out)

    def result(self):
        return self.out.cpu().numpy()


class Training:
    def __init__(self, case, parameters, images):
        layers = case["layers"]
        self.images = torch.from_numpy(images).to(device).view(case["batch"], layers[0]["inputs"])
        modules = []
        for layer in layers:
            modules.append(linear(*layer_parameters(layer, parameters)))
            if layer["activation"] in ACTIVATIONS:
                modules.append(ACTIVATIONS[layer["activation"]]())
        self.network = torch.nn.Sequential(*modules).to(device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=case["rate"])
        self.criterion = torch.nn.MSELoss()
        self.latest = None
        self.idle = idle

    def run(self, times):
        for _ in range(times):
            self.optimizer.zero_grad(set_to_none=True)
            self.latest = self.criterion(self.network(self.images), self.images)
            self.latest.backward()
            self.optimizer.step()

    def loss(self):
        return self.latest.item()


def linear(weight, bias):
    layer = torch.nn.Linear(*weight.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T.copy()))
        layer.bias.copy_(torch.from_numpy(bias.copy()))
    return layer


serve(f"PyTorch {torch.__version__} ({device})", gemm=Product, step=Training)
