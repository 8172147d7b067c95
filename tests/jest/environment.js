const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest gives each test file its own realm, and with it its own typed arrays; native addons (TensorFlow,
 * ONNX Runtime, sharp) check theirs with the process's own classes. This environment hands those in.
 */
class DroverEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const shared of [
      ArrayBuffer,
      Uint8Array,
      Int32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      Uint8ClampedArray,
      Uint16Array,
      Int8Array,
      Int16Array,
      Uint32Array,
      BigUint64Array,
    ]) {
      this.global[shared.name] = shared;
    }
  }
}

module.exports = DroverEnvironment;
