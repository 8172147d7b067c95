import type { GoogleSetup } from '../../contracts/schemas/google-setup';
import { shellWord } from '../page/shell-word';
import type { DriftJob, Item } from './items';

/** What the job's container is told, after the image's own entry point. */
export const driftCommand = ['node', 'bin/drover.js', 'monitor', 'run'] as const;

/** A look reads some thousand pictures, by workers; the job waits for them. */
const longestSeconds = 3600;

/** As Cloud Run's API takes it: projects.locations.jobs, version 2. Nothing is tried again: drift would be found again. */
export function driftJobBody({ image, email, environment, apiKeySecret }: DriftJob): object {
  const env = [
    ...Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...(apiKeySecret === undefined
      ? []
      : [
          {
            name: 'TEMPORAL_API_KEY',
            valueSource: { secretKeyRef: { secret: apiKeySecret, version: 'latest' } },
          },
        ]),
  ];
  const [command, ...args] = driftCommand;
  return {
    template: {
      taskCount: 1,
      template: {
        containers: [
          {
            ...{ image, command: [command], args, env },
            resources: { limits: { cpu: '1', memory: '1Gi' } },
          },
        ],
        serviceAccount: email,
        maxRetries: 0,
        timeout: `${longestSeconds}s`,
      },
    },
  };
}

/** Where Cloud Scheduler sends its POST. */
export const runAddress = (project: string, region: string, job: string): string =>
  `https://run.googleapis.com/v2/projects/${project}/locations/${region}/jobs/${job}:run`;

/** The job, who may run it, and when it is run; nothing where no image is named. */
export function driftItems(
  { project, region, bucket, prefix, drift, accounts }: GoogleSetup,
  grant: (role: string, job: { kind: 'job'; region: string; name: string }, why: string) => Item,
): Item[] {
  if (drift === undefined) return [];
  const { name, image, cron, temporal, model, apiKeySecret } = drift;
  const email = accounts.monitor;
  const job: DriftJob = {
    ...{ name, region, image, email, ...(apiKeySecret !== undefined && { apiKeySecret }) },
    environment: {
      DROVER_STORE: `gs://${`${bucket}/${prefix}`.slice(0, -1)}`,
      DROVER_MODEL: model,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    },
  };
  const [command, ...args] = driftCommand;
  const variables = Object.entries(job.environment).map(([key, value]) => `${key}=${value}`);
  const place = `--project ${project} --location ${region}`;
  return [
    {
      id: `job:${name}`,
      wanted: { kind: 'job', job },
      what: `Cloud Run's job ${name} in ${region}`,
      why: 'it looks for drift',
      command:
        `gcloud run jobs create ${name} --project ${project} --region ${region} --image ${image} ` +
        `--command ${command} --args ${args.join(',')} --set-env-vars ${shellWord(variables.join(','))} ` +
        (apiKeySecret === undefined ? '' : `--set-secrets TEMPORAL_API_KEY=${apiKeySecret}:latest `) +
        `--service-account ${email} --max-retries 0 --task-timeout ${longestSeconds}s --cpu 1 --memory 1Gi`,
      needs: ['api:run', `account:${email}`, `bucket:${bucket}`],
    },
    grant('roles/run.invoker', { kind: 'job', region, name }, 'Cloud Scheduler runs the job as it'),
    {
      id: `schedule:${name}`,
      wanted: { kind: 'schedule', region, name, cron, email },
      what: `Cloud Scheduler's ${name}: ${cron} UTC`,
      why: 'it runs the job',
      command:
        `gcloud scheduler jobs create http ${name} ${place} --schedule ${shellWord(cron)} --time-zone Etc/UTC ` +
        `--uri ${runAddress(project, region, name)} --http-method POST --oauth-service-account-email ${email}`,
      needs: ['api:cloudscheduler', `job:${name}`],
    },
  ];
}
