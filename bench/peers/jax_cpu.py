"""JAX on the CPU, everything under `jit`: `python3 jax_cpu.py f32`, or `bf16`, with parameters in f32."""

import sys

import jax
import jax.numpy as jnp

from serve import layer_parameters, serve

kind = {"f32": jnp.float32, "bf16": jnp.bfloat16}[sys.argv[1]]
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "linear": lambda x: x}


class Pending:
    """Calls return before they are done, so all of them are waited for."""

    def __init__(self):
        self.pending = []

    def idle(self):
        jax.block_until_ready(self.pending)
        self.pending = self.pending[-1:]


class Product(Pending):
    def __init__(self, case, a, b):
        super().__init__()
        m, n, k = case["m"], case["n"], case["k"]
        left, right = case["transposeA"], case["transposeB"]
        self.a = jnp.asarray(a, kind).reshape((k, m) if left else (m, k))
        self.b = jnp.asarray(b, kind).reshape((n, k) if right else (k, n))
        self.multiply = jax.jit(lambda x, y: jnp.matmul(x.T if left else x, y.T if right else y))

    def run(self, times):
        self.pending += [self.multiply(self.a, self.b) for _ in range(times)]

    def result(self):
        return jax.device_get(self.pending[-1].astype(jnp.float32))


class Training(Pending):
    def __init__(self, case, parameters, images):
        super().__init__()
        layers = case["layers"]
        activations = [ACTIVATIONS[layer["activation"]] for layer in layers]
        images = jnp.asarray(images).reshape(case["batch"], layers[0]["inputs"])
        network = [tuple(map(jnp.asarray, layer_parameters(layer, parameters))) for layer in layers]
        zeros = [jax.tree.map(jnp.zeros_like, network) for _ in range(2)]
        self.state = (network, *zeros, jnp.zeros((), jnp.float32))
        self.update = jax.jit(make_update(activations, case["rate"]), donate_argnums=0)
        self.images = images

    def run(self, times):
        for _ in range(times):
            self.state, loss = self.update(self.state, self.images)
            self.pending = [loss, self.state]

    def loss(self):
        return float(self.pending[0])

    def idle(self):
        jax.block_until_ready(self.pending)


def make_update(activations, rate):
    def loss_of(network, images):
        h = images.astype(kind)
        for (weight, bias), activation in zip(network, activations, strict=True):
            h = activation(h @ weight.astype(kind) + bias.astype(kind))
        return jnp.mean(jnp.square(h.astype(jnp.float32) - images))

    def update(state, images):
        network, first, second, t = state
        loss, gradient = jax.value_and_grad(loss_of)(network, images)
        t = t + 1
        first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradient)
        second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradient)
        c1, c2 = 1 / (1 - BETA_1**t), 1 / (1 - BETA_2**t)
        moved = jax.tree.map(
            lambda p, m, v: p - rate * c1 * m / (jnp.sqrt(c2 * v) + EPSILON), network, first, second
        )
        return (moved, first, second, t), loss

    return update


serve(f"JAX {jax.__version__}", gemm=Product, step=Training)
