"""TensorFlow on the CPU, as a graph: `python3 tensorflow_cpu.py f32|bf16 [xla]`; bf16 keeps parameters in f32."""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import tensorflow as tf

from serve import layer_parameters, serve

precision, *rest = sys.argv[1:]
kind = {"f32": tf.float32, "bf16": tf.bfloat16}[precision]
compiled = rest == ["xla"]
tf.config.threading.set_intra_op_parallelism_threads(int(os.environ["OMP_NUM_THREADS"]))
tf.config.threading.set_inter_op_parallelism_threads(1)
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
ACTIVATIONS = {"relu": tf.nn.relu, "sigmoid": tf.nn.sigmoid, "linear": tf.identity}


class Product:
    def __init__(self, case, a, b):
        m, n, k = case["m"], case["n"], case["k"]
        left, right = case["transposeA"], case["transposeB"]
        self.a = tf.cast(tf.reshape(tf.constant(a), (k, m) if left else (m, k)), kind)
        self.b = tf.cast(tf.reshape(tf.constant(b), (n, k) if right else (k, n)), kind)
        self.multiply = tf.function(
            lambda x, y: tf.matmul(x, y, transpose_a=left, transpose_b=right), jit_compile=compiled
        )
        self.out = None

    def run(self, times):
        for _ in range(times):
            self.out = self.multiply(self.a, self.b)

    def idle(self):
        if self.out is not None:
            self.out.numpy()

    def result(self):
        return tf.cast(self.out, tf.float32).numpy()


class Training:
    def __init__(self, case, parameters, images):
        layers = case["layers"]
        self.images = tf.reshape(tf.constant(images), (case["batch"], layers[0]["inputs"]))
        self.activations = [ACTIVATIONS[layer["activation"]] for layer in layers]
        self.network = [[tf.Variable(x) for x in layer_parameters(layer, parameters)] for layer in layers]
        self.variables = [x for layer in self.network for x in layer]
        self.moments = [[tf.Variable(tf.zeros_like(x)) for _ in range(2)] for x in self.variables]
        self.powers = [tf.Variable(BETA_1), tf.Variable(BETA_2)]
        self.rate = case["rate"]
        self.step = tf.function(self.update, jit_compile=compiled)
        self.latest = None

    def update(self):
        with tf.GradientTape() as tape:
            h = tf.cast(self.images, kind)
            for (weight, bias), activation in zip(self.network, self.activations, strict=True):
                h = activation(tf.nn.bias_add(tf.matmul(h, tf.cast(weight, kind)), tf.cast(bias, kind)))
            loss = tf.reduce_mean(tf.square(tf.cast(h, tf.float32) - self.images))
        gradients = tape.gradient(loss, self.variables)
        for variable, (first, second), gradient in zip(self.variables, self.moments, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle, m=first.handle, v=second.handle, grad=gradient, lr=self.rate,
                beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON,
                beta1_power=self.powers[0], beta2_power=self.powers[1],
            )
        for power, beta in zip(self.powers, (BETA_1, BETA_2), strict=True):
            power.assign(power * beta)
        return loss

    def run(self, times):
        for _ in range(times):
            self.latest = self.step()

    def idle(self):
        if self.latest is not None:
            self.latest.numpy()

    def loss(self):
        return float(self.latest.numpy())


serve(f"TensorFlow {tf.__version__}", gemm=Product, step=Training)
