/** Backbones that go by a name, at their publishers' addresses. */
export const knownBackbones: Readonly<Record<string, string>> = {
  // MobileNetV2 (Sandler et al., 2018) at width 0.35, trained on ImageNet, without its head: the one of Teachable Machine.
  mobilenet_v2_035:
    'https://storage.googleapis.com/teachable-machine-models/' +
    'mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top/model.json',
};
