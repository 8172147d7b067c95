"""ONNX Runtime in Python. Arguments: a model, a file of uint8 pictures, threads. First a line of what the checker says."""

import json
import sys
import time

import numpy as np
import onnx
import onnxruntime

model, pictures, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
loaded = onnx.load(model)
onnx.checker.check_model(loaded, full_check=True)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
(name,) = [given.name for given in session.get_inputs()]
shape = session.get_inputs()[0].shape[1:]
images = np.fromfile(pictures, dtype=np.uint8).reshape(-1, *shape)

for line in sys.stdin:
    task = json.loads(line)
    began, cpu = time.perf_counter(), time.process_time()
    for at in range(task["pictures"]):
        start = at % len(images)
        session.run(None, {name: images[start : start + 1]})
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}), flush=True)
