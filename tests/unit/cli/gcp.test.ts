import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '../../../cli/commands/gcp/check';
import { setup } from '../../../cli/commands/gcp/setup';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import { startFakeGcp, type FakeGcp } from '../../support/fake-gcp-setup';

let folder: string;
let fake: FakeGcp;
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-gcp-'));
  fake = await startFakeGcp();
  // What is enabled already takes no time.
  for (const api of ['cloudresourcemanager', 'iam', 'storage', 'artifactregistry', 'run', 'monitoring']) {
    fake.enabled.add(api);
  }
  fake.enabled.add('aiplatform').add('cloudbuild');
  said = '';
});
afterEach(async () => {
  process.exitCode = undefined;
  await fake.stop();
  await rm(folder, { recursive: true, force: true });
});

const out = (): Console =>
  new Console({ write: (text: string) => Boolean((said += text)) }, plainColours, false);
const outside = () => ({
  environment: { DROVER_CLOUD_ENDPOINT: fake.origin, DROVER_STORE: 'gs://pets/drover' },
  ...{ folder, program: 'drover' },
});

test('dry run, setup and check, as somebody without a configuration would', async () => {
  const flags = { project: 'pets-12345', region: 'europe-west1' };
  await setup({ ...flags, dryRun: true }, outside(), out());
  expect(said).toMatch(
    /^missing {2}gs:\/\/pets {2}the store\n +\$ gcloud storage buckets create gs:\/\/pets/m,
  );
  expect(said).toMatch(/^there {4}iam\.googleapis\.com/m);
  expect(said).toMatch(/8 there, 15 would be made by `drover gcp setup`\. Nothing was changed\.\n$/);
  expect(process.exitCode).toBeUndefined();
  expect(fake.changes()).toEqual([]);

  said = '';
  await check(flags, outside(), out());
  expect(said).toContain('15 of 23 to do:');
  expect(said).toContain('npx drover gcp setup');
  expect(process.exitCode).toBe(1);

  process.exitCode = undefined;
  said = '';
  await setup(flags, outside(), out());
  expect(said).toMatch(/^made {5}gs:\/\/pets/m);
  expect(said).toMatch(/The project has all that it needs\.\n15 made, 8 were there\.\n$/);

  said = '';
  await check({ ...flags, json: true }, outside(), out());
  expect(JSON.parse(said)).toMatchObject({ project: 'pets-12345', ok: true });
  expect(process.exitCode).toBeUndefined();
});

test('what the project configures is read, be it unfinished', async () => {
  await mkdir(join(folder, 'configs'));
  await writeFile(
    join(folder, 'configs', 'deploy.yaml'),
    'target: cloud-run\ncloud_run:\n  project: pets-12345\n  region: europe-west1\n  service: pets\n',
  );
  await check({}, outside(), out());
  expect(said).toContain('- Cloud Run pets in europe-west1: to do (it is not made yet)');
  expect(said).toContain('$ gcloud run deploy pets --project pets-12345 --region europe-west1');
});

test('without a project it says which flag is missing', async () => {
  await expect(setup({}, outside(), out())).rejects.toThrow(/give --project/);
});
