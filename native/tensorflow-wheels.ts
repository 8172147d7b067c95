import { cudaWheels } from './cuda-wheels';
import type { WheelMember, WheelPart } from './wheel';

/** What a build of TensorFlow computes on. */
export type Device = 'cpu' | 'cuda';

/** The name of a build: the platform, and for CUDA which one. */
export function buildName(platform: string, device: Device): string {
  return device === 'cuda' ? `${platform}-cuda12` : platform;
}

/** The device of a build, by the end of its name or of a folder that is named for it. */
export function deviceOfBuild(name: string): Device {
  return name.endsWith('-cuda12') ? 'cuda' : 'cpu';
}

/**
 * Where a build's libraries lie in the part's folder. With CUDA it is as in Python's `site-packages`, since
 * libtensorflow looks for NVIDIA's libraries in `$ORIGIN/../nvidia/<package>/lib`.
 */
export function libraryFolder(device: Device): string {
  return device === 'cuda' ? 'tensorflow' : '';
}

/** The names of libtensorflow's two libraries on a platform; the first is the one the addon is linked to. */
export function tensorflowLibraries(platform: string): readonly [string, string] {
  return platform.startsWith('darwin')
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

/** The headers that the addon's source reaches; the same bytes in every platform's wheel. */
const headers = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/c_api_macros.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_attrtype.h',
  'tensorflow/c/tf_buffer.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/c/tf_tstring.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
].map((header) => ({ from: `tensorflow/include/${header}`, to: `include/${header}`, executable: false }));

function members(platform: string, device: Device = 'cpu'): readonly WheelMember[] {
  const folder = libraryFolder(device);
  const libraries = tensorflowLibraries(platform).map((library) => ({
    from: `tensorflow/${library}`,
    to: folder === '' ? library : `${folder}/${library}`,
    executable: false,
  }));
  return [...libraries, ...headers];
}

export const tensorflow: WheelPart = {
  project: 'tensorflow',
  version: '2.21.0',
  abi: 'cp312',
  builds: {
    'linux-x64': {
      // The same library without CUDA; only x64 has it as a package of its own.
      project: 'tensorflow-cpu',
      tag: 'manylinux_2_27_x86_64',
      sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
      bytes: 274_000_871,
      unpackedBytes: 853_463_601,
      members: members('linux-x64'),
    },
    'linux-x64-cuda12': {
      tag: 'manylinux_2_27_x86_64',
      sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
      bytes: 572_611_111,
      unpackedBytes: 1_259_175_745,
      members: members('linux-x64', 'cuda'),
      more: cudaWheels,
    },
    'linux-arm64': {
      tag: 'manylinux_2_27_aarch64',
      sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
      bytes: 281_946_471,
      unpackedBytes: 883_216_873,
      members: members('linux-arm64'),
    },
    'darwin-arm64': {
      tag: 'macosx_12_0_arm64',
      sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
      bytes: 223_488_205,
      unpackedBytes: 740_960_289,
      members: members('darwin-arm64'),
    },
  },
};
