import type { FurtherWheel } from './wheel';

/** Paths are kept: each library finds the others, and TensorFlow finds them all, from where it lies itself. */
const kept = (paths: readonly string[], executable = false) =>
  paths.map((path) => ({ from: path, to: path, executable }));

const libraries = (folder: string, names: readonly string[]) =>
  kept(names.map((name) => `nvidia/${folder}/lib/${name}`));

/**
 * NVIDIA's CUDA 12 and cuDNN 9, as the wheels that `tensorflow[and-cuda]==2.21.0` asks for: the versions that
 * pip chose for it when this was written, and of each only the libraries that TensorFlow opens, with those that
 * these need (`readelf -d`). Left out: `nvidia-curand-cu12`, which nothing of TensorFlow looks for.
 */
export const cudaWheels: readonly FurtherWheel[] = [
  {
    project: 'nvidia-cublas-cu12',
    version: '12.9.3.13',
    tag: 'manylinux_2_27_x86_64',
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    bytes: 581_217_458,
    unpackedBytes: 854_310_592,
    members: libraries('cublas', ['libcublas.so.12', 'libcublasLt.so.12']),
  },
  {
    project: 'nvidia-cuda-cupti-cu12',
    version: '12.8.90',
    tag: 'manylinux2014_x86_64',
    sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    bytes: 10_248_621,
    unpackedBytes: 7_595_792,
    members: libraries('cuda_cupti', ['libcupti.so.12']),
  },
  {
    project: 'nvidia-cuda-nvcc-cu12',
    version: '12.9.86',
    tag: 'manylinux2010_x86_64',
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    bytes: 40_546_229,
    unpackedBytes: 35_417_224,
    members: [
      ...kept(['nvidia/cuda_nvcc/bin/ptxas'], true),
      ...kept(['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc']),
    ],
  },
  {
    project: 'nvidia-cuda-nvrtc-cu12',
    version: '12.9.86',
    tag: 'manylinux2010_x86_64',
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    bytes: 89_568_129,
    unpackedBytes: 113_447_240,
    members: libraries('cuda_nvrtc', ['libnvrtc.so.12', 'libnvrtc-builtins.so.12.9']),
  },
  {
    project: 'nvidia-cuda-runtime-cu12',
    version: '12.9.79',
    tag: 'manylinux2014_x86_64',
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    bytes: 3_493_179,
    unpackedBytes: 741_088,
    members: libraries('cuda_runtime', ['libcudart.so.12']),
  },
  {
    project: 'nvidia-cudnn-cu12',
    version: '9.28.0.42',
    tag: 'manylinux_2_27_x86_64',
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    bytes: 716_538_495,
    unpackedBytes: 1_162_393_472,
    members: libraries('cudnn', [
      'libcudnn.so.9',
      'libcudnn_adv.so.9',
      'libcudnn_cnn.so.9',
      'libcudnn_engines_precompiled.so.9',
      'libcudnn_engines_runtime_compiled.so.9',
      'libcudnn_engines_tensor_ir.so.9',
      'libcudnn_ext.so.9',
      'libcudnn_graph.so.9',
      'libcudnn_heuristic.so.9',
      'libcudnn_ops.so.9',
    ]),
  },
  {
    project: 'nvidia-cufft-cu12',
    version: '11.4.1.4',
    tag: 'manylinux2014_x86_64',
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    bytes: 200_877_592,
    unpackedBytes: 291_507_928,
    members: libraries('cufft', ['libcufft.so.11']),
  },
  {
    project: 'nvidia-cusolver-cu12',
    version: '11.7.5.82',
    tag: 'manylinux_2_27_x86_64',
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    bytes: 338_117_415,
    unpackedBytes: 302_024_152,
    members: libraries('cusolver', ['libcusolver.so.11']),
  },
  {
    project: 'nvidia-cusparse-cu12',
    version: '12.5.10.65',
    tag: 'manylinux2014_x86_64',
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    bytes: 366_465_088,
    unpackedBytes: 486_556_368,
    members: libraries('cusparse', ['libcusparse.so.12']),
  },
  {
    project: 'nvidia-nccl-cu12',
    version: '2.32.3',
    tag: 'manylinux_2_27_x86_64',
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    bytes: 351_526_311,
    unpackedBytes: 473_614_536,
    members: libraries('nccl', ['libnccl.so.2']),
  },
  {
    project: 'nvidia-nvjitlink-cu12',
    version: '12.9.86',
    tag: 'manylinux2010_x86_64',
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    bytes: 39_748_338,
    unpackedBytes: 95_935_344,
    members: libraries('nvjitlink', ['libnvJitLink.so.12']),
  },
];
