"""
Keras' `fit` on the networks of the bench. Arguments: the case; whether XLA compiles the step (xla, plain: Keras' own
default is to let it); and whether the pictures come from an array or through tf.data (numpy, dataset).
"""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from protocol import answer

case, compiled, source = sys.argv[1:4]
threads = int(os.environ["BENCH_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(int(os.environ.get("BENCH_INTER_OP", "1")))
keras.utils.set_random_seed(1)
batch = 32


def cnn():
    return keras.Sequential(
        [
            layers.Input((48, 48, 1)),
            layers.Rescaling(1 / 60, -2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )


def resnet():
    def convolved(value, filters, size, strides):
        value = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(value)
        return layers.BatchNormalization(momentum=0.9)(value)

    pixels = layers.Input((64, 64, 3))
    value = layers.ReLU()(convolved(layers.Rescaling(1 / 60, -2)(pixels), 32, 3, 1))
    width = 32
    for stage, filters in enumerate([32, 64, 128]):
        for block in range(2):
            strides = 2 if stage > 0 and block == 0 else 1
            skip = value if strides == 1 and width == filters else convolved(value, filters, 1, strides)
            inner = convolved(layers.ReLU()(convolved(value, filters, 3, strides)), filters, 3, 1)
            value = layers.ReLU()(layers.Add()([inner, skip]))
            width = filters
    return keras.Model(pixels, layers.Dense(10)(layers.GlobalAveragePooling2D()(value)))


def finetune():
    base = keras.applications.MobileNetV2(input_shape=(224, 224, 3), alpha=0.35, include_top=False, weights=None)
    learns = False
    for layer in base.layers:
        learns = learns or layer.name == "block_13_expand"
        layer.trainable = learns
    pixels = layers.Input((224, 224, 3))
    # Batch norm by its moving statistics, as Keras' guide to fine-tuning has it.
    value = base(layers.Rescaling(1 / 127.5, -1)(pixels), training=False)
    return keras.Model(pixels, layers.Dense(10)(layers.GlobalAveragePooling2D()(value)))


def head():
    return keras.Sequential([layers.Input((1280,)), layers.Dense(10)])


shapes = {"cnn": (48, 48, 1), "resnet": (64, 64, 3), "finetune": (224, 224, 3), "head": (1280,)}
model = {"cnn": cnn, "resnet": resnet, "finetune": finetune, "head": head}[case]()
model.compile(
    optimizer=keras.optimizers.AdamW(1e-3, weight_decay=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
    jit_compile=compiled == "xla",
)

random = np.random.default_rng(1)
most = int(os.environ["BENCH_STEPS"]) * batch
if case == "head":
    pictures = random.random((most, *shapes[case]), dtype=np.float32)
else:
    pictures = random.integers(0, 256, (most, *shapes[case]), dtype=np.uint8)
labels = random.integers(0, 10, most).astype(np.int32)

datasets = {}


def dataset_of(count):
    """Shuffled anew each epoch and batched by TensorFlow, the next batch made while this one is learnt from."""
    if count not in datasets:
        pairs = tf.data.Dataset.from_tensor_slices((pictures[:count], labels[:count]))
        datasets[count] = pairs.shuffle(count, seed=1).batch(batch, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
    return datasets[count]


def work(task):
    count, epochs = task["steps"] * batch, task.get("epochs", 1)
    if source == "dataset":
        model.fit(dataset_of(count), epochs=epochs, verbose=0)
    else:
        model.fit(pictures[:count], labels[:count], batch_size=batch, epochs=epochs, verbose=0)


answer(work)
