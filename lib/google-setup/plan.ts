import type { GoogleSetup } from '../../contracts/schemas/google-setup';
import { driftItems } from './drift-job';
import type { Condition, Guarded, Item } from './items';
import { shellWord } from '../page/shell-word';

/** What an old version of an object is good for: to come back from a mistake. */
export const keptVersionsDays = 30;

/** What a bucket is made with; see docs/guides/google-cloud.md. */
export const bucketLifecycle = {
  rule: [
    { action: { type: 'Delete' }, condition: { daysSinceNoncurrentTime: keptVersionsDays } },
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 7 } },
  ],
};

const apis = {
  cloudresourcemanager: "the project's own policy",
  iam: 'service accounts',
  storage: 'the store',
  artifactregistry: 'images',
  run: 'the API on Cloud Run',
  monitoring: "a release's figures",
  aiplatform: 'trainings on GPUs',
  cloudbuild: 'building images',
  compute: 'which zones have GPUs',
  cloudscheduler: 'when the look for drift is run',
  secretmanager: 'secrets of GPU workers and of the look for drift',
} as const;

/** Everything that a project is to have, in the order in which it can be made. */
export function planOf(setup: GoogleSetup): Item[] {
  const { project, region, bucket, prefix, accounts, gpu, secrets, drift } = setup;
  const names = (Object.keys(apis) as (keyof typeof apis)[]).filter(
    (name) =>
      (name !== 'compute' || gpu !== undefined) &&
      (name !== 'cloudscheduler' || drift !== undefined) &&
      (name !== 'secretmanager' || secrets.length > 0 || drift?.apiKeySecret !== undefined),
  );
  const api = (name: keyof typeof apis): string => `api:${name}`;
  const inProject = `--project ${project}`;

  const grant = (email: string, role: string, on: Guarded, why: string, condition?: Condition): Item => {
    const of = on.kind === 'project' ? project : on.name;
    const named = on.kind === 'bucket' ? `gs://${of}` : on.kind === 'account' ? shortName(of) : of;
    const option = condition
      ? `title=${condition.title},expression=${condition.expression}`
      : // Without it gcloud asks, where a policy has conditions already.
        on.kind === 'project' || on.kind === 'bucket'
        ? 'None'
        : undefined;
    const words = [
      ...['gcloud', ...commandsOf[on.kind], on.kind === 'bucket' ? `gs://${of}` : of],
      ...(on.kind === 'project' || on.kind === 'bucket' ? [] : ['--project', project]),
      ...(on.kind === 'job' ? ['--region', on.region] : []),
      ...['--member', `serviceAccount:${email}`, '--role', role],
      ...(option === undefined ? [] : ['--condition', option]),
    ];
    return {
      id: `grant:${email}:${role}:${on.kind}:${of}`,
      wanted: { kind: 'grant', on, email, role, ...(condition && { condition }) },
      what: `${shortName(email)}: ${role} on ${named}${condition ? `, ${condition.title}` : ''}`,
      why,
      command: words.map(shellWord).join(' '),
      needs: [
        ...[`account:${email}`],
        ...(on.kind === 'project' ? [api('cloudresourcemanager')] : []),
        ...(on.kind === 'bucket' ? [`bucket:${of}`] : []),
        ...(on.kind === 'account' ? [`account:${of}`] : []),
        ...(on.kind === 'secret' ? [api('secretmanager')] : []),
        ...(on.kind === 'job' ? [`job:${of}`] : []),
      ],
    };
  };

  const account = (email: string, title: string, why: string): Item => ({
    id: `account:${email}`,
    wanted: { kind: 'account', email, title },
    what: email,
    why,
    command: `gcloud iam service-accounts create ${shortName(email)} ${inProject} --display-name ${shellWord(title)}`,
    needs: [api('iam')],
  });

  const store: Guarded = { kind: 'bucket', name: bucket };
  // The API's writes: it adds batches of predictions, and reads all else.
  const kept = `projects/_/buckets/${bucket}/objects/${prefix}predictions/`;
  const plan: Item[] = [
    ...names.map((name): Item => ({
      id: api(name),
      wanted: { kind: 'api', api: `${name}.googleapis.com` },
      what: `${name}.googleapis.com`,
      why: apis[name],
      command: `gcloud services enable ${name}.googleapis.com ${inProject}`,
      needs: [],
    })),
    account(accounts.api, 'Drover: the API', 'the API runs as it'),
    account(accounts.worker, 'Drover: workers', 'the workers that release, and start GPU workers'),
    account(accounts.trainer, 'Drover: trainings', 'trainings and GPU workers run as it'),
    ...(drift === undefined
      ? []
      : [account(accounts.monitor, 'Drover: the look for drift', 'the job that looks for drift runs as it')]),
    {
      id: `bucket:${bucket}`,
      wanted: { kind: 'bucket', name: bucket, region },
      what: `gs://${bucket}`,
      why: 'the store',
      command:
        `gcloud storage buckets create gs://${bucket} ${inProject} --location ${region} ` +
        '--uniform-bucket-level-access --public-access-prevention && ' +
        `gcloud storage buckets update gs://${bucket} --versioning ` +
        `--lifecycle-file <(echo '${JSON.stringify(bucketLifecycle)}')`,
      needs: [api('storage')],
    },
    ...setup.repositories.map((repository): Item => ({
      id: `repository:${repository.region}/${repository.name}`,
      wanted: { kind: 'repository', ...repository },
      what: `${repository.region}-docker.pkg.dev/${project}/${repository.name}`,
      why: 'images',
      command: `gcloud artifacts repositories create ${repository.name} ${inProject} --location ${repository.region} --repository-format docker`,
      needs: [api('artifactregistry')],
    })),
    grant(accounts.api, 'roles/storage.objectViewer', store, 'it reads models'),
    grant(accounts.api, 'roles/storage.objectUser', store, 'it adds kept predictions, and removes old ones', {
      title: 'predictions-only',
      expression: `resource.name.startsWith("${kept}")`,
    }),
    grant(accounts.worker, 'roles/storage.objectUser', store, 'it reads and writes the store'),
    grant(accounts.worker, 'roles/run.developer', { kind: 'project' }, 'it makes revisions, shifts traffic'),
    grant(
      ...([accounts.worker, 'roles/iam.serviceAccountUser'] as const),
      ...([{ kind: 'account', name: accounts.api }, 'its revisions run as the API'] as const),
    ),
    grant(accounts.worker, 'roles/monitoring.viewer', { kind: 'project' }, "it reads a release's figures"),
    grant(accounts.worker, 'roles/aiplatform.user', { kind: 'project' }, 'it starts and ends GPU workers'),
    grant(
      ...([accounts.worker, 'roles/iam.serviceAccountUser'] as const),
      ...([{ kind: 'account', name: accounts.trainer }, 'GPU workers run as the trainer'] as const),
    ),
    grant(accounts.trainer, 'roles/storage.objectUser', store, 'it reads and writes the store'),
    grant(accounts.trainer, 'roles/logging.logWriter', { kind: 'project' }, 'its lines are to be read'),
    ...secrets.map((name) =>
      grant(accounts.trainer, 'roles/secretmanager.secretAccessor', { kind: 'secret', name }, 'it reads it'),
    ),
    ...(drift === undefined
      ? []
      : [grant(accounts.monitor, 'roles/storage.objectViewer', store, 'it reads what a look found')]),
    ...(drift?.apiKeySecret === undefined
      ? []
      : [
          grant(
            ...([accounts.monitor, 'roles/secretmanager.secretAccessor'] as const),
            ...([{ kind: 'secret', name: drift.apiKeySecret }, "it reads Temporal's API key"] as const),
          ),
        ]),
    ...driftItems(setup, (role, on, why) => grant(accounts.monitor, role, on, why)),
    ...(setup.service === undefined ? [] : [serviceItem(setup, setup.service, api('run'))]),
    ...(gpu?.regions ?? []).flatMap((at) => gpuItems(setup, at, [api('aiplatform'), api('compute')])),
  ];
  // Two of the accounts may be configured to be one.
  return [...new Map(plan.map((item) => [item.id, item])).values()];
}

const commandsOf: Readonly<Record<Guarded['kind'], readonly string[]>> = {
  project: ['projects', 'add-iam-policy-binding'],
  bucket: ['storage', 'buckets', 'add-iam-policy-binding'],
  account: ['iam', 'service-accounts', 'add-iam-policy-binding'],
  secret: ['secrets', 'add-iam-policy-binding'],
  job: ['run', 'jobs', 'add-iam-policy-binding'],
};

function serviceItem(
  { project, region, bucket, prefix, accounts, repositories }: GoogleSetup,
  name: string,
  needs: string,
): Item {
  const { region: at, name: repository } = repositories[0] ?? { region, name: 'drover' };
  return {
    id: `service:${name}`,
    wanted: { kind: 'service', region, name, email: accounts.api },
    what: `Cloud Run ${name} in ${region}`,
    why: 'it answers users; made once, by hand, when the image is pushed and a model is in the store',
    command:
      `gcloud run deploy ${name} --project ${project} --region ${region} ` +
      `--image ${at}-docker.pkg.dev/${project}/${repository}/api@sha256:… --service-account ${accounts.api} ` +
      `--set-env-vars DROVER_STORE=gs://${`${bucket}/${prefix}`.slice(0, -1)},DROVER_MODEL=animals,DROVER_MODEL_VERSION=1`,
    needs: [needs],
  };
}

function gpuItems({ project, gpu }: GoogleSetup, region: string, needs: readonly string[]): Item[] {
  if (gpu === undefined) return [];
  const card = gpu.accelerator.toLowerCase().replace('_tesla_', '_');
  const metric = `aiplatform.googleapis.com/custom_model_training_${gpu.spot ? 'preemptible_' : ''}${card}_gpus`;
  const accelerator = gpu.accelerator.toLowerCase().replaceAll('_', '-');
  return [
    {
      id: `quota:${region}`,
      wanted: { kind: 'quota', region, metric, wanted: gpu.most },
      what: `${gpu.most} ${gpu.accelerator}${gpu.spot ? ' (spot)' : ''} for trainings in ${region}`,
      why: `quota ${metric}; that of Compute Engine is another`,
      command: `gcloud alpha services quota list --service aiplatform.googleapis.com --consumer projects/${project} --filter metric:${metric}`,
      needs: needs.slice(0, 1),
    },
    {
      id: `zones:${region}`,
      wanted: { kind: 'zones', region, accelerator },
      what: `a zone with ${accelerator} in ${region}`,
      why: 'a region without the card never has room',
      command: `gcloud compute accelerator-types list --project ${project} --filter ${shellWord(`name=${accelerator} AND zone~${region}`)}`,
      needs: needs.slice(1),
    },
  ];
}

/** `drover-api` of `drover-api@pets-12345.iam.gserviceaccount.com`. */
function shortName(email: string): string {
  return email.replace(/@.*/, '');
}
