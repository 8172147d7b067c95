"""Files' bytes to padded squares, one after another. Argument: `pillow`, `pillow-draft`, `tf`, `tf-ratio`, `tf-decode`, `tf-decode-ratio`."""

import io
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "python"))

from protocol import answer

way = sys.argv[1]

if way.startswith("pillow"):
    from pillow_picture import padded

    def prepare(data, size):
        padded(io.BytesIO(data), size, draft=way == "pillow-draft").tobytes()

else:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([], tf.int32)])
    def whole(data, size):
        image = tf.io.decode_jpeg(data, channels=3, ratio=1)
        return tf.image.resize_with_pad(image, size, size, antialias=True)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([], tf.int32)])
    def quarter(data, size):
        image = tf.io.decode_jpeg(data, channels=3, ratio=4)
        return tf.image.resize_with_pad(image, size, size, antialias=True)

    def prepare(data, size):
        scaled = way.endswith("ratio") and size <= 64
        if way.startswith("tf-decode"):
            tf.io.decode_jpeg(data, channels=3, ratio=4 if scaled else 1)
        else:
            (quarter if scaled else whole)(data, size)


def work(task):
    for file in task["files"]:
        with open(file, "rb") as stream:
            prepare(stream.read(), task["size"])


answer(work)
