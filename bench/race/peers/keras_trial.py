"""
The original's network in Keras, as Drover's `cnn` is: normalised pixels, two convolutions from He's uniform distribution, a
dense layer, dropout; AdamW. The pictures are those of Drover's prepared set (bench/race/pictures.ts).
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def read_pictures(folder):
    """Training and validation pictures, each as (images, labels)."""
    of = lambda split, what: np.load(Path(folder) / f"{split}-{what}.npy")
    return [(of(split, "images"), of(split, "labels")) for split in ("train", "validation")]


def build(cell, pictures):
    (images, labels), _ = pictures
    mean, deviation = float(images.mean()), float(images.std())
    relu = {"activation": "relu", "kernel_initializer": "he_uniform"}
    layers = [
        keras.layers.Input(images.shape[1:]),
        keras.layers.Rescaling(1 / deviation, -mean / deviation),
        keras.layers.Conv2D(32, 3, padding="same", **relu),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 3, padding="same", **relu),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(128, **relu),
        *([keras.layers.Dropout(cell["dropout"])] if cell["dropout"] > 0 else []),
        keras.layers.Dense(int(labels.max()) + 1),
    ]
    model = keras.Sequential(layers)
    model.compile(
        optimizer=keras.optimizers.AdamW(cell["lr"], weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # XLA, which Keras takes by itself, is half as fast here (docs/benchmarks.md).
        jit_compile=False,
    )
    return model


def train(cell, pictures, epochs, after_epoch):
    """Calls after_epoch(epoch, loss, accuracy), both of validation, after each; where it answers true, training ends."""
    model = build(cell, pictures)

    class Tell(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            if after_epoch(epoch + 1, float(logs["val_loss"]), float(logs["val_accuracy"])):
                model.stop_training = True

    model.fit(
        *pictures[0],
        batch_size=int(cell["batch_size"]),
        epochs=epochs,
        validation_data=pictures[1],
        validation_batch_size=64,
        callbacks=[Tell()],
        verbose=0,
    )


def tell(trial, cell, epoch, loss, accuracy):
    """A line that bench/race/real.ts reads."""
    line = {"trial": trial, **cell, "epoch": epoch, "validation_loss": loss, "validation_accuracy": accuracy}
    print(json.dumps({**line, "at": time.time()}), flush=True)


def arguments():
    """What every script here is given: a JSON object as its one argument."""
    return json.loads(sys.argv[1])
