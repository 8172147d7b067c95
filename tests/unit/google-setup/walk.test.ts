import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createGoogle } from '../../../lib/google-setup/google';
import { planOf } from '../../../lib/google-setup/plan';
import { amiss, walk, type Outcome } from '../../../lib/google-setup/walk';
import { googleSetup } from '../../../lib/google-setup/wishes';
import { fakeConfig } from '../../support/fake-cloud-run';
import { startFakeGcp, type FakeGcp } from '../../support/fake-gcp-setup';
import { gpuWorkersSettings } from '../../support/gpu-workers-config';

const plan = planOf(
  googleSetup({}, { deploy: fakeConfig, gpuWorkers: gpuWorkersSettings, store: '/a/folder' }),
);
const apiAccount = 'drover-api@pets-12345.iam.gserviceaccount.com';
const byHand = ['quota', 'zones', 'service'];
let fake: FakeGcp;

beforeEach(async () => {
  fake = await startFakeGcp();
  fake.secrets.add('projects/pets-12345/secrets/temporal-key');
});
afterEach(() => fake.stop());

async function walked(making: boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const one of walk(plan, createGoogle('pets-12345', fake.origin, 1), { making })) {
    outcomes.push(one);
  }
  return outcomes;
}

const of = (outcomes: readonly Outcome[], id: string): Outcome => {
  const found = outcomes.find(({ item }) => item.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};

/** All that people do themselves. */
function byPeople(): void {
  fake.quota.set('europe-west1', 3);
  fake.zones.push('us-central1-a', 'europe-west1-b', 'europe-west1-d');
  fake.services.set('pets', { template: { serviceAccount: apiAccount } });
}

test('in an empty project a dry run would make everything, and changes nothing', async () => {
  const outcomes = await walked(false);
  for (const { item, state } of outcomes) {
    expect([item.id, state]).toEqual([item.id, byHand.includes(item.wanted.kind) ? 'waits' : 'missing']);
  }
  expect(fake.changes()).toEqual([]);
});

test('setup makes all of it, as the plan says, and a second one changes nothing', async () => {
  byPeople();
  fake.policies.set('projects/pets-12345', {
    etag: '7',
    bindings: [{ role: 'roles/owner', members: ['user:me@example.com'] }],
  });
  const outcomes = await walked(true);
  for (const { item, state } of outcomes) {
    if (byHand.includes(item.wanted.kind)) continue;
    expect([item.id, state]).toEqual([item.id, 'made']);
  }
  expect(of(outcomes, 'quota:europe-west4')).toMatchObject({
    state: 'yours',
    note: expect.stringMatching(
      /quota is 0; ask for 3 of .*custom_model_training_preemptible_nvidia_t4_gpus in europe-west4/,
    ),
  });
  expect(of(outcomes, 'zones:europe-west4').note).toMatch(
    /no zone of europe-west4 .* europe-west1, us-central1/,
  );
  expect(of(outcomes, 'zones:europe-west1').note).toBe('europe-west1-b, europe-west1-d');
  // europe-west1 has room, so that GPU workers have all that they need.
  expect(amiss(outcomes)).toEqual([]);

  expect(fake.buckets.get('pets')).toMatchObject({
    location: 'EUROPE-WEST1',
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
    versioning: { enabled: true },
  });
  expect(fake.policies.get('buckets/pets')?.bindings).toContainEqual({
    role: 'roles/storage.objectUser',
    members: [`serviceAccount:${apiAccount}`],
    condition: expect.objectContaining({
      expression: 'resource.name.startsWith("projects/_/buckets/pets/objects/drover/predictions/")',
    }),
  });
  expect(fake.policies.get('projects/pets-12345')?.bindings[0]).toEqual({
    ...{ role: 'roles/owner', members: ['user:me@example.com'] },
  });

  const changes = fake.changes().length;
  const again = await walked(true);
  expect(again.filter(({ state }) => state === 'made')).toEqual([]);
  expect(amiss(again)).toEqual([]);
  expect(fake.changes()).toHaveLength(changes);
});

test('what is new and not known everywhere yet, too much asked, a lost answer and a race end in the same project', async () => {
  byPeople();
  const once = new Set<string>();
  const first = (call: string): boolean => !once.has(call) && Boolean(once.add(call));
  fake.fault = (call) => {
    if (/GET .*serviceAccounts\/drover-api/.test(call) && first('late')) return 'late';
    if (call.endsWith('run.googleapis.com:enable') && first('busy')) return 'busy';
    if (call === 'POST storage/v1/b' && first('lost')) return 'lost-answer';
    if (call.endsWith('projects/pets-12345:setIamPolicy') && first('raced')) return 'raced';
    return undefined;
  };
  const outcomes = await walked(true);
  expect(once.size).toBe(4);
  expect(amiss(outcomes)).toEqual([]);
  // The bucket was made by the call whose answer was lost, and found by the next.
  expect(of(outcomes, 'bucket:pets').state).toBe('there');
  const bindings = fake.policies.get('projects/pets-12345')?.bindings ?? [];
  expect(bindings.map(({ role }) => role)).toContain('roles/viewer');
});

test('a conflict is named and left as it is', async () => {
  await walked(true);
  fake.buckets.set('pets', { location: 'EU', softDeletePolicy: { retentionDurationSeconds: '604800' } });
  fake.accounts.set(apiAccount, { disabled: true });
  fake.repositories.set('europe-west1/drover', { format: 'NPM' });
  fake.services.set('pets', { template: {} });
  const changes = fake.changes().length;
  const outcomes = await walked(true);
  const differing = outcomes
    .filter(({ state }) => state === 'differs')
    .map(({ item, note }) => [item.id, note]);
  expect(differing).toEqual([
    [`account:${apiAccount}`, expect.stringContaining('gcloud iam service-accounts enable drover-api@')],
    [
      'bucket:pets',
      'access by object; public access is not prevented: gcloud storage buckets update gs://pets --uniform-bucket-level-access --public-access-prevention',
    ],
    ['repository:europe-west1/drover', expect.stringContaining('of the format NPM, not DOCKER')],
    ['service:pets', expect.stringContaining(`--service-account ${apiAccount}`)],
  ]);
  expect(fake.changes()).toHaveLength(changes);
});

test('what these credentials may not do is said with the role that it takes; what needs it waits, the rest is made', async () => {
  fake.fault = (call) => (call.endsWith('/serviceAccounts') ? 'denied' : undefined);
  const outcomes = await walked(true);
  expect(of(outcomes, `account:${apiAccount}`)).toMatchObject({
    state: 'refused',
    note: 'Permission denied on resource. (403); it takes roles/iam.serviceAccountAdmin',
  });
  expect(of(outcomes, `grant:${apiAccount}:roles/storage.objectViewer:bucket:pets`)).toMatchObject({
    ...{ state: 'waits', note: 'for drover-api' },
  });
  expect(of(outcomes, 'bucket:pets').state).toBe('made');
});

test("a bucket's name that is somebody else's, and a secret that is not there", async () => {
  fake.foreign.add('pets');
  fake.secrets.clear();
  const outcomes = await walked(true);
  expect(of(outcomes, 'bucket:pets')).toMatchObject({
    ...{ state: 'refused', note: expect.stringContaining('choose another by --bucket') },
  });
  const left = amiss(outcomes).find(({ item }) => item.what.includes('secretmanager.secretAccessor'));
  expect(left).toMatchObject({ state: 'yours', note: expect.stringContaining('gcloud secrets create') });
});

test('one that is busy for ever is given up, and said so', async () => {
  fake.fault = (call) => (call.endsWith('/compute.googleapis.com') ? 'busy' : undefined);
  const outcomes = await walked(false);
  expect(of(outcomes, 'api:compute')).toMatchObject({
    ...{ state: 'refused', note: 'Too many requests. (429)' },
  });
});

test.each([
  ['denied', 'cloud-refused', /roles\/serviceusage\.serviceUsageAdmin/],
  ['late', 'cloud-refused', /gcloud services enable serviceusage\.googleapis\.com --project pets-12345/],
  ['busy', 'cloud-unavailable', /Too many requests/],
] as const)(
  'where Google says nothing of the project (%s), it is said once',
  async (fault, type, message) => {
    fake.fault = () => fault;
    await expect(walked(true)).rejects.toMatchObject({ type, message: expect.stringMatching(message) });
    expect(new Set(fake.calls).size).toBe(1);
  },
);
