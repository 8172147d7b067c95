"""tf.data over files, in batches of 32. Argument: `full`, `ratio` (DCT scaling), or `ratio-plain` (and no antialiasing)."""

import functools
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "python"))

import tensorflow as tf
from protocol import answer

mode = sys.argv[1]
# Pictures of the bench have 256 pixels on their shorter side; the largest scale that keeps the target's pixels.
ratios = {48: 4, 224: 1}


@functools.cache
def passes(size):
    ratio = 1 if mode == "full" else ratios[size]

    def prepare(path):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, ratio=ratio)
        image = tf.image.resize_with_pad(image, size, size, antialias=mode != "ratio-plain")
        return tf.cast(tf.round(image), tf.uint8)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def count(files):
        data = tf.data.Dataset.from_tensor_slices(files)
        data = data.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(tf.data.AUTOTUNE)
        return data.reduce(0, lambda seen, batch: seen + tf.shape(batch)[0])

    return count


def work(task):
    seen = int(passes(task["size"])(tf.constant(task["files"])))
    assert seen == len(task["files"])


answer(work)
