import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../../lib/storage/refs';
import { commitOf, runEnvironment, widestInstructions } from '../../../lib/training/run-environment';

let root: string;
const commit = '0123456789abcdef0123456789abcdef01234567';

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'drover-environment-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('what a run records of where it was made', () => {
  it('is the code, its lock file and its libraries', () => {
    put('package.json', '{"version": "3.2.1", "dependencies": {"sharp": "1.2.3", "zod": "4.0.0"}}');
    put('package-lock.json', '{}');
    put('.git/HEAD', 'ref: refs/heads/main\n');
    put('.git/refs/heads/main', `${commit}\n`);
    expect(runEnvironment(2, root)).toMatchObject({
      threads: 2,
      drover: '3.2.1',
      libraries: { sharp: '1.2.3' },
      lock: sha256('{}'),
      commit,
      node: process.version,
    });
  });

  it('leaves out what nobody can tell', () => {
    expect(Object.keys(runEnvironment(1, root))).not.toEqual(expect.arrayContaining(['commit']));
  });
});

describe('the commit of a checkout', () => {
  it('is found in packed refs, and where no branch is checked out', () => {
    put('.git/HEAD', 'ref: refs/heads/work');
    put('.git/packed-refs', `# pack-refs\n${commit} refs/heads/work\n`);
    expect(commitOf(root)).toBe(commit);
    put('.git/HEAD', `${commit}\n`);
    expect(commitOf(root)).toBe(commit);
  });

  it('is none where HEAD says something else', () => {
    put('.git/HEAD', 'ref: ../../etc/passwd');
    expect(commitOf(root)).toBeUndefined();
  });
});

it('the widest instructions are those that TensorFlow picks its kernels by', () => {
  expect(widestInstructions('flags\t\t: fpu avx2 avx512f avx512_bf16\n')).toBe('avx512_bf16');
  expect(widestInstructions('flags : sse2 avx2')).toBe('avx2');
  expect(widestInstructions('')).toBeUndefined();
});
