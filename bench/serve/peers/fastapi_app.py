"""The original's server: FastAPI, a picture in the form field `image`; PyTorch, or ONNX Runtime with BENCH_ENGINE=onnx."""

import os

import numpy as np
from fastapi import FastAPI, UploadFile
from pictures import answered, decoded

if os.environ.get("BENCH_ENGINE") == "onnx":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(os.path.join(os.environ["BENCH_HOME"], "model.onnx"), options)
    name = session.get_inputs()[0].name

    def classify(pixels):
        return session.run(None, {name: pixels[None]})[0][0]

else:
    import torch
    from torch_network import network

    model = network()

    def classify(pixels):
        with torch.inference_mode():
            return model(torch.from_numpy(pixels[None]))[0].numpy()


classify(np.zeros((int(os.environ["BENCH_SIZE"]),) * 2 + (int(os.environ["BENCH_CHANNELS"]),), np.uint8))
app = FastAPI()

if os.environ.get("BENCH_HANDLER") == "async":

    @app.post("/get_prediction")
    async def get_prediction(image: UploadFile):
        return answered(classify(decoded(await image.read())))

else:

    @app.post("/get_prediction")
    def get_prediction(image: UploadFile):
        return answered(classify(decoded(image.file.read())))
