import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { driftCommand } from '../../../lib/google-setup/drift-job';
import { createGoogle } from '../../../lib/google-setup/google';
import { planOf } from '../../../lib/google-setup/plan';
import { amiss, walk, type Outcome } from '../../../lib/google-setup/walk';
import { googleSetup, type GoogleWishes } from '../../../lib/google-setup/wishes';
import { program } from '../../../cli/main';
import { startFakeGcp, type FakeGcp } from '../../support/fake-gcp-setup';

const image = `europe-west1-docker.pkg.dev/pets-12345/drover/worker@sha256:${'a'.repeat(64)}`;
const wishes: GoogleWishes = { project: 'pets-12345', region: 'europe-west1', driftImage: image };
const known = {
  ...{ deploy: {}, gpuWorkers: {}, store: 'gs://pets/drover', model: 'animals' },
  temporal: { address: 'temporal.example.com:7233', namespace: 'default' },
};
const monitor = 'drover-monitor@pets-12345.iam.gserviceaccount.com';
const secret = 'projects/pets-12345/secrets/temporal-key';
let fake: FakeGcp;

beforeEach(async () => {
  fake = await startFakeGcp();
});
afterEach(() => fake.stop());

async function walked(making: boolean, more: GoogleWishes = {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const plan = planOf(googleSetup({ ...wishes, ...more }, known));
  for await (const one of walk(plan, createGoogle('pets-12345', fake.origin, 1), { making }))
    outcomes.push(one);
  return outcomes;
}

test('a dry run shows job and schedule, with the same by gcloud', async () => {
  const outcomes = await walked(false);
  const commands = outcomes.map(({ item }) => item.command);
  expect(commands).toContain(
    `gcloud run jobs create drover-drift --project pets-12345 --region europe-west1 --image ${image} --command node ` +
      '--args bin/drover.js,monitor,run --set-env-vars ' +
      'DROVER_STORE=gs://pets/drover,DROVER_MODEL=animals,TEMPORAL_ADDRESS=temporal.example.com:7233,TEMPORAL_NAMESPACE=default ' +
      `--service-account ${monitor} --max-retries 0 --task-timeout 3600s --cpu 1 --memory 1Gi`,
  );
  expect(commands).toContain(
    "gcloud scheduler jobs create http drover-drift --project pets-12345 --location europe-west1 --schedule '0 6 * * *' --time-zone Etc/UTC " +
      '--uri https://run.googleapis.com/v2/projects/pets-12345/locations/europe-west1/jobs/drover-drift:run --http-method POST ' +
      `--oauth-service-account-email ${monitor}`,
  );
  expect(commands).toContain(
    'gcloud run jobs add-iam-policy-binding drover-drift --project pets-12345 --region europe-west1 ' +
      `--member serviceAccount:${monitor} --role roles/run.invoker`,
  );
  expect(fake.changes()).toEqual([]);
});

test('setup makes the job, lets Cloud Scheduler run it, and a second one changes nothing', async () => {
  fake.secrets.add(secret);
  const more = { driftApiKeySecret: secret, driftCron: '30 5 * * 1' };
  expect(amiss(await walked(true, more))).toEqual([]);
  expect(fake.jobs.get('drover-drift')).toMatchObject({
    template: {
      template: {
        containers: [
          {
            image,
            command: ['node'],
            args: ['bin/drover.js', 'monitor', 'run'],
            env: expect.arrayContaining([
              { name: 'DROVER_STORE', value: 'gs://pets/drover' },
              {
                name: 'TEMPORAL_API_KEY',
                valueSource: { secretKeyRef: { secret, version: 'latest' } },
              },
            ]),
          },
        ],
        serviceAccount: monitor,
        maxRetries: 0,
      },
    },
  });
  expect(fake.schedules.get('drover-drift')).toMatchObject({
    schedule: '30 5 * * 1',
    httpTarget: { httpMethod: 'POST', oauthToken: { serviceAccountEmail: monitor } },
  });
  expect(fake.policies.get('jobs/drover-drift')?.bindings).toEqual([
    { role: 'roles/run.invoker', members: [`serviceAccount:${monitor}`] },
  ]);
  expect(fake.policies.get(secret)?.bindings).toContainEqual({
    role: 'roles/secretmanager.secretAccessor',
    members: [`serviceAccount:${monitor}`],
  });
  const changes = fake.changes().length;
  expect(amiss(await walked(true, more))).toEqual([]);
  expect(fake.changes()).toHaveLength(changes);
});

test('another image, another time and a pause are named, and left as they are', async () => {
  await walked(true);
  const newer = image.replaceAll('a'.repeat(64), 'b'.repeat(64));
  expect(amiss(await walked(true, { driftImage: newer, driftCron: '0 7 * * *' }))).toMatchObject([
    {
      state: 'differs',
      note: expect.stringContaining(
        `gcloud run jobs update drover-drift --project pets-12345 --region europe-west1 --image ${newer}`,
      ),
    },
    { state: 'differs', note: expect.stringContaining('it runs at 0 6 * * *') },
  ]);
  fake.schedules.set('drover-drift', { ...fake.schedules.get('drover-drift'), state: 'PAUSED' });
  expect(amiss(await walked(true))).toMatchObject([
    { note: expect.stringMatching(/it is paused: gcloud scheduler jobs resume drover-drift/) },
  ]);
});

test.each([
  [{ driftImage: 'worker:latest' }, known, /drift\.image: expected the image/],
  [{ driftCron: 'daily' }, known, /drift\.cron: expected five parts/],
  [{ driftApiKeySecret: 'key' }, known, /drift\.apiKeySecret: expected projects/],
  [{}, { ...known, temporal: undefined }, /set TEMPORAL_ADDRESS/],
])('what is wrong is said: %#', (more, places, message) => {
  expect(() => googleSetup({ ...wishes, ...more }, places)).toThrow(message);
});

test('without an image there is no job, and no account for it', () => {
  const { driftImage: _, ...without } = wishes;
  const text = JSON.stringify(planOf(googleSetup(without, known)));
  expect(text).not.toContain('cloudscheduler');
  expect(text).not.toContain('monitor@');
});

test('its container runs a command that the command line has, from where the image has it', () => {
  const [, script, ...words] = driftCommand;
  expect(existsSync(join(__dirname, '../../..', script))).toBe(true);
  const monitorCommand = program.commands.find((command) => command.name() === words[0]);
  expect(monitorCommand?.commands.map((command) => command.name())).toContain(words[1]);
});
