import { expect, test } from '@jest/globals';
import { planOf } from '../../../lib/google-setup/plan';
import { googleSetup, type KnownPlaces } from '../../../lib/google-setup/wishes';
import { fakeConfig } from '../../support/fake-cloud-run';
import { gpuWorkersSettings } from '../../support/gpu-workers-config';

const both: KnownPlaces = { deploy: fakeConfig, gpuWorkers: gpuWorkersSettings, store: '/a/folder' };
const nothing: KnownPlaces = { deploy: {}, gpuWorkers: { most: 2 }, store: '/a/folder' };

test('what the configurations say already is not asked for again', () => {
  const setup = googleSetup({}, both);
  expect(setup).toEqual({
    ...{ project: 'pets-12345', region: 'europe-west1', bucket: 'pets', prefix: 'drover/', service: 'pets' },
    repositories: [
      { region: 'europe-west1', name: 'drover' },
      { region: 'europe-west4', name: 'drover' },
    ],
    accounts: {
      api: 'drover-api@pets-12345.iam.gserviceaccount.com',
      worker: 'drover-worker@pets-12345.iam.gserviceaccount.com',
      trainer: 'drover-trainer@pets-12345.iam.gserviceaccount.com',
      monitor: 'drover-monitor@pets-12345.iam.gserviceaccount.com',
    },
    gpu: {
      ...{ regions: ['europe-west4', 'europe-west1'], accelerator: 'NVIDIA_TESLA_T4', spot: true, most: 3 },
    },
    secrets: ['projects/pets-12345/secrets/temporal-key'],
  });
});

test('flags count first, and a store in a bucket is the bucket', () => {
  const wishes = { project: 'cats-12345', region: 'us-central1', name: 'second' };
  const setup = googleSetup(wishes, { ...nothing, store: 'gs://cats/a/b' });
  expect(setup).toMatchObject({ bucket: 'cats', prefix: 'a/b/', region: 'us-central1' });
  expect(setup.accounts.api).toBe('second-api@cats-12345.iam.gserviceaccount.com');
  expect(setup.gpu).toBeUndefined();
  expect(googleSetup(wishes, nothing).bucket).toBe('cats-12345-drover');
});

test.each([
  [{}, nothing, /project: not known; give --project pets-12345\nregion: not known; give --region/],
  [
    {},
    { ...both, gpuWorkers: { vertex: { ...gpuWorkersSettings.vertex, project: 'cats-12345' } } },
    /deploy.yaml says pets-12345, .*gpu-workers.yaml says cats-12345; give --project/,
  ],
  [
    { project: 'cats-12345' },
    {
      ...both,
      gpuWorkers: { vertex: { service_account: 'gpu-runner@pets-12345.iam.gserviceaccount.com' } },
    },
    /says gpu-runner@pets-12345\..*; expected an account of cats-12345/,
  ],
  [{ region: 'Europe' }, both, /region: expected a region, such as europe-west4/],
  [{ name: 'd' }, both, /accounts\.api: expected a service account/],
])('what is missing or wrong is said: %#', (wishes, known, message) => {
  expect(() => googleSetup(wishes, known)).toThrow(message);
});

test('the API may read the store and add predictions; the others have the roles that the guides name', () => {
  const grants = planOf(googleSetup({}, both)).flatMap(({ wanted, what }) =>
    wanted.kind === 'grant' ? [what] : [],
  );
  expect(grants).toEqual([
    'drover-api: roles/storage.objectViewer on gs://pets',
    'drover-api: roles/storage.objectUser on gs://pets, predictions-only',
    'drover-worker: roles/storage.objectUser on gs://pets',
    'drover-worker: roles/run.developer on pets-12345',
    'drover-worker: roles/iam.serviceAccountUser on drover-api',
    'drover-worker: roles/monitoring.viewer on pets-12345',
    'drover-worker: roles/aiplatform.user on pets-12345',
    'drover-worker: roles/iam.serviceAccountUser on drover-trainer',
    'drover-trainer: roles/storage.objectUser on gs://pets',
    'drover-trainer: roles/logging.logWriter on pets-12345',
    'drover-trainer: roles/secretmanager.secretAccessor on projects/pets-12345/secrets/temporal-key',
  ]);
});

test('each item has a gcloud command that a shell reads as it is meant', () => {
  const commands = planOf(googleSetup({}, both)).map(({ command }) => command);
  expect(commands.every((command) => command.startsWith('gcloud '))).toBe(true);
  expect(commands).toContain(
    'gcloud storage buckets add-iam-policy-binding gs://pets --member serviceAccount:drover-api@pets-12345.iam.gserviceaccount.com ' +
      `--role roles/storage.objectUser --condition 'title=predictions-only,expression=resource.name.startsWith("projects/_/buckets/pets/objects/drover/predictions/")'`,
  );
  expect(commands).toContain(
    'gcloud projects add-iam-policy-binding pets-12345 --member serviceAccount:drover-worker@pets-12345.iam.gserviceaccount.com --role roles/run.developer --condition None',
  );
});

test.each(['drover-gpu', 'drover-worker'])('what an item needs stands before it: %s trains', (trainer) => {
  const service_account = `${trainer}@pets-12345.iam.gserviceaccount.com`;
  const gpuWorkers = {
    ...gpuWorkersSettings,
    vertex: { ...gpuWorkersSettings.vertex, service_account },
  };
  const plan = planOf(googleSetup({}, { ...both, gpuWorkers }));
  const ids = plan.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [index, { needs }] of plan.entries()) {
    for (const need of needs) expect(ids.slice(0, index)).toContain(need);
  }
});
