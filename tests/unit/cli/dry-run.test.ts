import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dryRun } from '../../../cli/commands/data/dry-run';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import { readSettings } from '../../../contracts/schemas/settings';
import { zipOf } from '../../support/archives';
import { datasetOf } from '../../support/datasets';
import { startWebServer, type WebServer } from '../../support/web-server';

let folder = '';
let server: WebServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-dry-run-'));
  const zip = zipOf(['cat/a.jpg', 'dog/b.jpg'].map((name) => ({ name, bytes: Buffer.from(name) })));
  server = await startWebServer((_, response) => response.writeHead(200, { etag: '"one"' }).end(zip));
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a dry run', () => {
  it('leaves nothing of what it has downloaded', async () => {
    const environment = { DROVER_ALLOWED_HOSTS: server.host };
    const settings = readSettings(environment, folder);
    let written = '';
    const out = new Console({ write: (text) => (written += text) }, plainColours, false);
    const flags = { json: true, local: undefined, signal: new AbortController().signal };
    const outside = { environment, folder, program: '' };
    await dryRun(datasetOf(`${server.origin}/set.zip`), flags, settings, outside, out);
    expect(JSON.parse(written)).toMatchObject({ files: 2 });
    expect(await readdir(path.join(settings.home, 'downloads'))).toEqual([]);
  });

  it('of a folder that the workers may not read says how to allow it, not that it would be taken in', async () => {
    const [project, elsewhere] = [path.join(folder, 'project'), path.join(folder, 'elsewhere')];
    for (const place of [project, path.join(elsewhere, 'cat'), path.join(elsewhere, 'dog')]) {
      await mkdir(place, { recursive: true });
      await writeFile(path.join(place, 'a.jpg'), '');
    }
    let written = '';
    const out = new Console({ write: (text) => (written += text) }, plainColours, false);
    const flags = { json: false, local: elsewhere, signal: new AbortController().signal };
    const outside = { environment: {}, folder: project, program: '' };
    await dryRun(datasetOf(elsewhere), flags, readSettings({}, project), outside, out);
    expect(written).toContain('2 files');
    expect(written).toContain(`DROVER_ALLOWED_ROOTS=${elsewhere} npm start`);
    expect(written).not.toContain('Without --dry-run it is');
  });
});
