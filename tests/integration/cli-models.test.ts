import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aliasModel, type AliasFlags } from '../../cli/commands/models/alias';
import { diffModels } from '../../cli/commands/models/diff';
import { exportModel } from '../../cli/commands/models/export';
import { modelHistory } from '../../cli/commands/models/history';
import { modelLineage } from '../../cli/commands/models/lineage';
import { listModels, models } from '../../cli/commands/models/list';
import { showModel } from '../../cli/commands/models/show';
import { listWebhooks } from '../../cli/commands/webhooks/list';
import { testWebhooks } from '../../cli/commands/webhooks/test';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { openStore } from '../../lib/storage/open-store';
import { registerWithFigures } from '../support/registry-with-figures';
import { startWebServer, type WebServer } from '../support/web-server';

let outside: Outside;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-models-'));
  outside = { folder, program: '', environment: { DROVER_MODEL: 'animals' } };
  const store = openStore(join(folder, '.drover', 'store'));
  const registry = await registerWithFigures(store, ['one', 'two']);
  await registry.moveAlias('animals', 'champion', {
    ...{ version: 1, expected: undefined, by: 'ada', reason: 'the first' },
  });
});
afterAll(() => rm(outside.folder, { recursive: true, force: true }));

/** What a command writes. */
async function said(command: (out: Console) => Promise<void>): Promise<string> {
  let written = '';
  await command(new Console({ write: (text) => (written += text) }, plainColours, false));
  return written;
}

const alias = (words: [string, string, string | undefined], flags: Partial<AliasFlags> = {}) =>
  said((out) => aliasModel(words, { by: 'ben', reason: 'to try', ...flags }, outside, out));

describe('`drover models`', () => {
  it('lists the versions of the model that is served, as it always did, and of every model', async () => {
    const text = await said((out) => models(undefined, {}, outside, out));
    expect(text).toMatch(
      /^animals\nversion {2}accuracy {2}pictures {2}registered +run\n +1 .* champion\n +2 /,
    );
    const json = JSON.parse(await said((out) => models('animals', { json: true }, outside, out)));
    expect(json).toMatchObject({ model: 'animals', champion: 1, versions: [{ version: 1 }, { version: 2 }] });
    expect(JSON.parse(await said((out) => listModels(undefined, { json: true }, outside, out)))).toHaveLength(
      1,
    );
  });

  it('shows one with its files, classes and card', async () => {
    const text = await said((out) => showModel('animals@2', {}, outside, out));
    expect(text).toMatch(/animals version 2\n/);
    expect(text).toMatch(/onnx +model\.onnx +\d+ B +[0-9a-f]{64}/);
    expect(text).toMatch(/cat +10 +100\.0 % +60\.0 %/);
    expect(await said((out) => showModel('2', { card: true }, outside, out))).toMatch(/^---\nlicense: other/);
    const json = JSON.parse(await said((out) => showModel('@champion', { json: true }, outside, out)));
    expect(json).toMatchObject({ version: 1, aliases: ['champion'], figures: { baseline: 0.5 } });
  });

  it("says where the evaluation's report is, where there is one", async () => {
    const text = () => said((out) => showModel('2', {}, outside, out));
    expect(await text()).not.toMatch(/^report/m);
    const store = openStore(join(outside.folder, '.drover', 'store'));
    await store.write('evaluations/report.html', Buffer.from('<html>'));
    expect(await text()).toMatch(/^report +.*\/evaluations\/report\.html$/m);
  });

  it('compares two, and says where they are one', async () => {
    expect(await said((out) => diffModels(['1', '1'], {}, outside, out))).toMatch(/everything alike/);
    const text = await said((out) => diffModels(['animals@1', '2'], {}, outside, out));
    expect(text).toMatch(/dataset version +[0-9a-f]{12} +[0-9a-f]{12}/);
    expect(text).not.toMatch(/recall/);
  });

  it('sets a name, moves it, takes it away, and keeps all of that', async () => {
    expect(await alias(['animals', 'staging', '2'])).toBe('animals@staging is version 2\n');
    expect(await alias(['animals', 'staging', 'champion'])).toBe('animals@staging is version 1\n');
    await expect(alias(['animals', 'stagin', undefined], { remove: true })).rejects.toThrow(
      /did you mean "staging"/,
    );
    await alias(['animals', 'staging', undefined], { remove: true, reason: 'tried' });
    const text = await said((out) => modelHistory(undefined, {}, outside, out));
    expect(text).toMatch(/champion → 1 +ada +the first/);
    expect(text).toMatch(
      /staging → 2 +ben +to try\n.*staging 2 → 1 +ben +to try\n.*staging taken from 1 +ben +tried/,
    );
  });

  it.each([
    [['animals', 'champion', '2'], {}, /not set by hand/],
    [['animals', 'v2', '2'], {}, /is no alias/],
    [['animals', 'staging', '9'], {}, /has no version 9; it has 1, 2/],
    [['animal', 'staging', '2'], {}, /did you mean "animals"/],
    [['animals', 'staging', '2'], { reason: ' ' }, /--reason takes/],
    [['animals', 'staging', undefined], {}, /Name the version/],
  ] as const)('refuses the alias %j %j', async ([model, name, version], flags, says) => {
    await expect(alias([model, name, version], flags)).rejects.toThrow(says);
  });

  it('traces one back, and says what is gone', async () => {
    const text = await said((out) => modelLineage('2', {}, outside, out));
    expect(text).toMatch(
      /^answers of the API with "name": "animals", "version": 2, "digest": "[0-9a-f]{64}"\n└─ model/,
    );
    expect(text).toMatch(/run +two .* no longer in the store/);
  });

  it('exports one into a new folder alone', async () => {
    const flags = { out: 'mine' };
    expect(await said((out) => exportModel('2', flags, outside, out))).toMatch(/sha256sum -c SHA256SUMS/);
    expect(await readdir(join(outside.folder, 'mine'))).toContain('model.onnx');
    await expect(said((out) => exportModel('2', flags, outside, out))).rejects.toThrow(
      /nothing is overwritten/,
    );
  });
});

describe('`drover webhooks`', () => {
  let server: WebServer;
  beforeAll(async () => {
    server = await startWebServer((request, response) =>
      response.writeHead(request.url === '/ok' ? 204 : 410).end(),
    );
    await mkdir(join(outside.folder, 'configs'));
    const hook = (name: string) =>
      `  - { name: ${name}, format: drover, url: ${server.origin}/${name}, secret: CI }\n`;
    await writeFile(
      join(outside.folder, 'configs', 'webhooks.yaml'),
      `webhooks:\n${hook('ok')}${hook('gone')}`,
    );
    outside = {
      ...outside,
      environment: {
        ...outside.environment,
        DROVER_SECRET_CI: 'nobody-sees-this',
        DROVER_SECRET_CI_HOST: server.host,
        DROVER_ALLOWED_HOSTS: server.host,
      },
    };
  });
  afterAll(() => server.stop());

  it('sends a test to one, and says of each what it answered', async () => {
    expect(await said((out) => testWebhooks('ok', {}, outside, out))).toMatch(/✓ ok: .* answered 204/);
    let text = '';
    const all = said((out) => {
      const spied = new Console({ write: (line) => (text += line) }, out.colours, false);
      return testWebhooks(undefined, {}, outside, spied);
    });
    await expect(all).rejects.toThrow(/gone: .*answered 410/);
    expect(text).toMatch(/✓ ok: [\s\S]*✗ gone: /);
    await expect(said((out) => testWebhooks('gon', {}, outside, out))).rejects.toThrow(/did you mean "gone"/);
  });

  it('lists who is told and what became of it, with nothing secret', async () => {
    const text = await said((out) => listWebhooks({}, outside, out));
    expect(text).toMatch(/ok +delivered +1 +A test of Drover's webhooks/);
    expect(text).toMatch(/gone +failed +1/);
    expect(await said((out) => listWebhooks({ json: true }, outside, out))).not.toContain('nobody-sees-this');
  });

  it('says of a wrong file where it is wrong', async () => {
    const file = join(outside.folder, 'configs', 'webhooks.yaml');
    await writeFile(
      file,
      'webhooks:\n  - name: x\n    format: drover\n    url: https://a:b@example.com/\n    secret: CI\n    evnts: []\n',
    );
    await expect(said((out) => listWebhooks({}, outside, out))).rejects.toThrow(
      /webhooks\.yaml:4:10 webhooks\.0\.url: holds credentials[\s\S]*webhooks\.yaml:6:5 webhooks\.0\.evnts: unknown key; did you mean "events"/,
    );
  });
});
