import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { stageVersions } from '../../../contracts/stages';
import { digestOfSources } from './stage-sources';

const repository = path.join(__dirname, '../../..');
const recordFile = path.join(__dirname, 'stage-sources.json');
const recordSchema = z.record(
  z.string(),
  z.strictObject({ version: z.int(), digest: z.string(), sources: z.string() }),
);
const recorded = recordSchema.parse(JSON.parse(readFileSync(recordFile, 'utf8')));

const accept = 'UPDATE_STAGE_SOURCES=1 npx jest tests/unit/memo/stages.test.ts';

if (process.env['UPDATE_STAGE_SOURCES'] === '1') {
  for (const [stage, version] of Object.entries(stageVersions)) {
    const record = recorded[stage];
    if (record === undefined) throw new Error(`List the sources of ${stage} in stage-sources.json first.`);
    recorded[stage] = {
      version,
      digest: digestOfSources(repository, record.sources),
      sources: record.sources,
    };
  }
  writeFileSync(recordFile, `${JSON.stringify(recorded, null, 2)}\n`);
}

describe('the version of a stage', () => {
  it.each(Object.entries(stageVersions))(
    '%s stands for the source that it was given to',
    (stage, version) => {
      const record = recorded[stage];
      if (record === undefined) throw new Error(`List the sources of ${stage} in stage-sources.json.`);
      if (digestOfSources(repository, record.sources) !== record.digest) {
        throw new Error(
          `The source of stage ${stage} changed. If it may now give other results for the same inputs, raise its ` +
            `version in contracts/stages.ts (${record.version} was recorded, ${version} is set). ` +
            `Then, or if it gives the same, accept the new source: ${accept}`,
        );
      }
      if (version !== record.version) {
        throw new Error(`The version of stage ${stage} changed; record it: ${accept}`);
      }
    },
  );
});

describe('the digest of sources', () => {
  let root = '';
  const put = (file: string, text: string) => writeFileSync(path.join(root, file), text);
  const digest = () => digestOfSources(root, 'lib !lib/other npm:sharp');
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'drover-sources-'));
    mkdirSync(path.join(root, 'lib/deep'), { recursive: true });
    put('lib/deep/a.ts', 'export const size: number = 1;');
    put('lib/other.ts', 'export {};');
    put('package.json', '{"dependencies": {"sharp": "1.0.0", "zod": "1.0.0"}}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('changes with what the code does, with its files, and with the named dependencies', () => {
    const seen = new Set([digest()]);
    put('lib/deep/a.ts', 'export const size: number = 2;');
    seen.add(digest());
    put('lib/deep/b.ts', '');
    seen.add(digest());
    put('package.json', '{"dependencies": {"sharp": "1.0.1", "zod": "1.0.0"}}');
    seen.add(digest());
    expect(seen.size).toBe(4);
  });

  it('does not change with comments, types, layout, or what is left out', () => {
    const before = digest();
    put('lib/deep/a.ts', '// New.\nexport   const size: 1 =\n 1');
    put('lib/other.ts', 'export const x = 1;');
    put('package.json', '{"dependencies": {"sharp": "1.0.0", "zod": "2.0.0"}}');
    expect(digest()).toBe(before);
  });
});
