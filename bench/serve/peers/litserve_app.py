"""LitServe with PyTorch; BENCH_BATCH pictures at once, BENCH_WORKERS processes."""

import os

import litserve
import numpy as np
from fastapi import UploadFile
from pictures import answered, decoded

batch = int(os.environ.get("BENCH_BATCH", "1"))


class Api(litserve.LitAPI):
    def setup(self, device):
        import torch
        from torch_network import network

        self.torch = torch
        self.model = network()

    def decode_request(self, request):
        image = request["image"]
        return decoded(image.file.read() if isinstance(image, UploadFile) or hasattr(image, "file") else image)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, pixels):
        with self.torch.inference_mode():
            many = pixels if pixels.ndim == 4 else pixels[None]
            found = self.model(self.torch.from_numpy(many)).numpy()
        return found if pixels.ndim == 4 else found[0]

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return answered(output)


if __name__ == "__main__":
    api = Api(max_batch_size=batch, batch_timeout=0.002, api_path="/get_prediction")
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=int(os.environ.get("BENCH_WORKERS", "1")), timeout=30
    )
    server.run(
        port=int(os.environ["BENCH_PORT"]),
        host="127.0.0.1",
        num_api_servers=int(os.environ.get("BENCH_SERVERS", "1")),
        log_level="error",
        generate_client_file=False,
    )
