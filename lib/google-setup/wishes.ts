import { Failure } from '../../contracts/failures';
import {
  deployPlacesSchema,
  googleSetupSchema,
  gpuPlacesSchema,
  type GoogleSetup,
} from '../../contracts/schemas/google-setup';

/** What the command line was told. */
export interface GoogleWishes {
  readonly project?: string | undefined;
  readonly region?: string | undefined;
  readonly bucket?: string | undefined;
  readonly repository?: string | undefined;
  readonly service?: string | undefined;
  readonly gpuRegions?: readonly string[] | undefined;
  /** Of the job that looks for drift: the image `worker`; without it, no job is wanted. */
  readonly driftImage?: string | undefined;
  /** When it looks, in UTC; every morning at six without it. */
  readonly driftCron?: string | undefined;
  /** `projects/<project>/secrets/<name>`, where Temporal wants an API key. */
  readonly driftApiKeySecret?: string | undefined;
  /** Accounts are called `<name>-api`, `<name>-worker`, `<name>-trainer` and `<name>-monitor`. */
  readonly name?: string | undefined;
}

/** What the project's files say: `configs/deploy.yaml` and `configs/gpu-workers.yaml` as they were read, and its store. */
export interface KnownPlaces {
  readonly deploy: unknown;
  readonly gpuWorkers: unknown;
  readonly store: string;
  readonly model?: string;
  /** Another server than this machine's own. */
  readonly temporal?: { readonly address: string; readonly namespace: string } | undefined;
}

/**
 * What a project is to have, of what flags and files say; flags count first.
 *
 * @throws Failure `configuration-invalid` with all that is missing, contradicts itself or is not valid
 */
export function googleSetup(wishes: GoogleWishes, known: KnownPlaces): GoogleSetup {
  const { cloud_run: run } = deployPlacesSchema.parse(known.deploy ?? {});
  const { vertex, worker, most = 2 } = gpuPlacesSchema.parse(known.gpuWorkers ?? {});
  const wrong: string[] = [];

  const project = wishes.project ?? one('project', run.project, vertex?.project, wrong);
  const region = wishes.region ?? run.region ?? vertex?.regions?.[0];
  if (project === undefined) wrong.push('project: not known; give --project pets-12345');
  if (region === undefined) wrong.push('region: not known; give --region europe-west1');

  const store = run.store ?? worker.store ?? known.store;
  const [, storeBucket, storePrefix = ''] = /^gs:\/\/([^/]+)\/?(.*)$/.exec(store) ?? [];
  const name = wishes.name ?? 'drover';
  const account = (of: string): string => `${name}-${of}@${project ?? ''}.iam.gserviceaccount.com`;
  const regions = wishes.gpuRegions?.length ? wishes.gpuRegions : vertex?.regions;

  const reached = known.temporal?.address ?? 'localhost';
  if (wishes.driftImage !== undefined && /^(localhost|127\.|\[?::1)/.test(reached)) {
    wrong.push('temporal: the look for drift asks it; set TEMPORAL_ADDRESS to where Cloud Run reaches it');
  }

  const trainer = vertex?.service_account ?? account('trainer');
  if (project !== undefined && !trainer.endsWith(`@${project}.iam.gserviceaccount.com`)) {
    wrong.push(
      `vertex.service_account: configs/gpu-workers.yaml says ${trainer}; expected an account of ${project}, which is set up here`,
    );
  }

  const checked = googleSetupSchema.safeParse({
    project,
    region,
    bucket: wishes.bucket ?? storeBucket ?? `${project ?? ''}-drover`,
    prefix: storePrefix === '' ? '' : `${storePrefix.replace(/\/+$/, '')}/`,
    repositories: repositoriesOf(wishes.repository, region, project, [run.image, vertex?.image]),
    service: wishes.service ?? run.service,
    accounts: {
      ...{ api: account('api'), worker: account('worker') },
      ...{ trainer, monitor: account('monitor') },
    },
    drift: driftOf(wishes, known, name),
    gpu: regions && {
      regions: [...new Set(regions)],
      accelerator: vertex?.accelerator ?? 'NVIDIA_TESLA_T4',
      spot: vertex?.spot ?? true,
      most: most * (vertex?.accelerators ?? 1),
    },
    secrets: [
      ...new Set(Object.values(worker.secrets).map((secret) => secret.replace(/\/versions\/[^/]+$/, ''))),
    ],
  });
  if (wrong.length === 0 && !checked.success) {
    wrong.push(...checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  }
  if (wrong.length > 0 || !checked.success) throw new Failure('configuration-invalid', wrong.join('\n'));
  return checked.data;
}

function driftOf(
  { driftImage: image, driftCron: cron = '0 6 * * *', driftApiKeySecret: apiKeySecret }: GoogleWishes,
  { model, temporal }: KnownPlaces,
  name: string,
): unknown {
  if (image === undefined) return undefined;
  const { address, namespace } = temporal ?? {};
  return { name: `${name}-drift`, image, cron, model, temporal: { address, namespace }, apiKeySecret };
}

/** What both files say, or the one that says something. */
function one(
  what: string,
  deploy: string | undefined,
  gpu: string | undefined,
  wrong: string[],
): string | undefined {
  if (deploy !== undefined && gpu !== undefined && deploy !== gpu) {
    wrong.push(
      `${what}: configs/deploy.yaml says ${deploy}, configs/gpu-workers.yaml says ${gpu}; give --${what} to say which is meant`,
    );
  }
  return deploy ?? gpu;
}

/** Those of this project's own that the configured images are in, or one called `drover`. */
function repositoriesOf(
  wished: string | undefined,
  region: string | undefined,
  project: string | undefined,
  images: readonly (string | undefined)[],
): { region: string | undefined; name: string }[] {
  if (wished !== undefined) return [{ region, name: wished }];
  const found = images.flatMap((image) => {
    const [, at = '', of, name = ''] =
      /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\/([^/]+)\//.exec(image ?? '') ?? [];
    return of === project && name !== '' ? [{ region: at, name }] : [];
  });
  const unlike = found.filter(
    (each, index) =>
      found.findIndex(({ region: at, name }) => at === each.region && name === each.name) === index,
  );
  return unlike.length > 0 ? unlike : [{ region, name: 'drover' }];
}
