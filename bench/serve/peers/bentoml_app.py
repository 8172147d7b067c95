"""BentoML with PyTorch; BENCH_WORKERS processes."""

import os

import bentoml
from PIL.Image import Image
from pictures import answered, squared


@bentoml.service(workers=int(os.environ.get("BENCH_WORKERS", "1")), traffic={"timeout": 30})
class Classifier:
    def __init__(self):
        import torch
        from torch_network import network

        self.torch = torch
        self.model = network()

    @bentoml.api(route="/get_prediction")
    def get_prediction(self, image: Image) -> dict:
        pixels = squared(image)
        with self.torch.inference_mode():
            return answered(self.model(self.torch.from_numpy(pixels[None]))[0].numpy())
