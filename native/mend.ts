import { existsSync } from 'node:fs';
import { Failure } from '../contracts/failures';

/** What a person installs to go on: by the package manager that is there. */
function installer(platform: string, packages: { apt: string; dnf: string }): string | undefined {
  if (!platform.startsWith('linux')) return undefined;
  if (existsSync('/usr/bin/apt-get')) return `sudo apt-get install ${packages.apt}`;
  if (existsSync('/usr/bin/dnf')) return `sudo dnf install ${packages.dnf}`;
  return undefined;
}

/** The command that brings pip. */
export function pipAdvice(platform: string): string {
  return installer(platform, { apt: 'python3-pip', dnf: 'python3-pip' }) ?? 'python3 -m ensurepip --upgrade';
}

/** The command that brings a C++ compiler. */
export function compilerAdvice(platform: string): string {
  if (platform.startsWith('darwin')) return 'xcode-select --install';
  return installer(platform, { apt: 'g++', dnf: 'gcc-c++' }) ?? 'install g++ with your package manager';
}

/** `1.1 GB`, `274 MB`: decimal, as disks and downloads are sold. */
export function readableBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}

export function nativeMissing(message: string, cause?: unknown): Failure {
  return new Failure('native-missing', message, cause === undefined ? {} : { cause });
}

/** @param also - what else helps, after the other place. */
export function diskFull(folder: string, needed: number, free: number, also = ''): Failure {
  return nativeMissing(
    `The disk is too full: ${readableBytes(needed)} are needed in ${folder}, and ${readableBytes(free)} are ` +
      'free. Free some space, or choose another place: DROVER_CACHE=/a/folder/with/room' +
      also,
  );
}
