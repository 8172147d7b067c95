import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import { cloudRunSchema, watchSchema, type CloudRunConfig } from '../../../contracts/schemas/deployment';
import { sha256Schema } from '../../../contracts/schemas/documents';
import { waitMilliseconds } from '../../../contracts/waits';
import { keyFor, requireKey, type ApiKeys } from '../api-key';
import type { ApiPlace } from '../ask-api';
import { smokeTest } from '../smoke-test';
import type { DeploymentTarget, TargetState } from '../target';
import { shortName, type CloudRunClient, type Service } from './client';
import { revisionFigures } from './monitoring';
import { changeService, targetsOf, trafficOf, untilReady, untilReconciled } from './service';
import { withModel } from './template';
import {
  sameTraffic,
  shareSchema,
  soleRevision,
  trafficAt,
  trafficBack,
  trafficSettled,
  trafficText,
  type Share,
} from './traffic';

export interface CloudRunSurroundings {
  readonly client: CloudRunClient;
  /** Of the worker's own store: `gs://…`, or a folder. */
  readonly storeLocation: string;
  /** Whether addresses of services may be others than https. */
  readonly isFake: boolean;
  readonly secrets: ApiKeys;
}

const stateSchema = z.strictObject({
  cloud: cloudRunSchema,
  /** `projects/…/locations/…/services/…`. */
  service: z.string(),
  revision: z.string(),
  tag: z.string(),
  old: z.string(),
  original: z.array(shareSchema),
  store: z.string(),
  model: z.string(),
  version: z.int(),
  digest: sha256Schema,
  within: z.number(),
  tolerance: z.number(),
  watch: watchSchema,
});
type State = z.infer<typeof stateSchema>;

/** What the new revision's own address begins with while it is tried. */
const tag = 'candidate';
const reconcileMs = 120_000;

/**
 * A service of Cloud Run that runs the API's image. Each version is a revision with the version in its environment, so that what
 * answers is what was tried; traffic goes from the old revision to it by percentages.
 */
export function createCloudRunTarget(surroundings: CloudRunSurroundings): DeploymentTarget {
  const { client, storeLocation } = surroundings;
  const read = (given: TargetState): State => stateSchema.parse(given);

  async function shiftTo(state: State, from: readonly Share[], to: readonly Share[]): Promise<string> {
    await changeService(client, state.service, {
      isDone: (service) => sameTraffic(trafficOf(service), to),
      isOurs: (service) => sameTraffic(trafficOf(service), from),
      change: (service) => ({ ...service, traffic: targetsOf(to) }),
      fields: ['traffic'],
    });
    await untilReconciled(client, state.service, reconcileMs);
    return trafficText(to);
  }

  return {
    async plan({ id, model, version, digest, config }) {
      const cloud = requireCloudRun(config.cloud_run);
      const store = requireBucket(cloud, storeLocation);
      const name = `projects/${cloud.project}/locations/${cloud.region}/services/${cloud.service}`;
      const service = await requireService(client, name, cloud);
      const original = trafficOf(service);
      const old = soleRevision(original, shortName(service.latestReadyRevision ?? ''));
      if (old === undefined || old === '') {
        throw new Failure(
          'start-refused',
          `The service ${cloud.service} divides its traffic already (${trafficText(original)}): somebody is at it, or has left it ` +
            'so. Give one revision everything first.',
        );
      }
      const address = addressOf(service);
      if (address !== undefined) {
        await requireKey('cloud_run.api_key', servicePlace(address, cloud, surroundings));
      }
      const revision = `${cloud.service}-v${version}-${id.slice(-6).toLowerCase()}`;
      const state: State = {
        ...{ cloud, service: name, revision, tag, old, original, store, model, version, digest },
        ...{
          within: waitMilliseconds(config.smoke.within),
          tolerance: config.smoke.tolerance,
          watch: config.watch,
        },
      };
      const canary = { revision, tag, old, original };
      return {
        state,
        place: `${cloud.service} in ${cloud.region} of ${cloud.project}`,
        before: `revision ${old}`,
        says: {
          prepare: `make revision ${revision} of ${cloud.image.replace(/@sha256:(.{12}).*/, '@$1')} with version ${version}, at 0 %, tagged ${tag}`,
          smoke: `ask it about ${config.smoke.pictures} real pictures at an address of its own`,
          shift: (percent) =>
            `give it ${percent} %: ${trafficText(trafficAt(canary, percent))}; watch it beside ${old} for ${config.watch.time}`,
          settle: `take the tag ${tag} away; ${old} stays, at 0 %`,
        },
        steps: config.watch.steps,
      };
    },

    async prepare(given, signal) {
      const state = read(given);
      const start = trafficAt(state, 0);
      const made = await changeService(client, state.service, {
        isDone: (service) => service.template?.revision === state.revision,
        isOurs: (service) => sameTraffic(trafficOf(service), state.original),
        change: (service) => ({
          ...service,
          template: withModel(service.template ?? {}, state),
          traffic: targetsOf(start),
        }),
        fields: ['template', 'traffic'],
      });
      if (!sameTraffic(trafficOf(made), start)) throw overtaken(state);
      await untilReady(
        client,
        `${state.service}/revisions/${state.revision}`,
        waitMilliseconds(state.cloud.ready_within),
        signal,
      );
      await untilReconciled(client, state.service, reconcileMs, signal);
      return `revision ${state.revision} is ready, at 0 %`;
    },

    async smoke(given, pictures, signal) {
      const state = read(given);
      const service = await client.service(state.service);
      const place = candidatePlace(service, state, surroundings);
      const { model, version, digest, within, tolerance } = state;
      return smokeTest({ place, expected: { model, version, digest }, pictures, within, tolerance }, signal);
    },

    async shift(given, { from, to }) {
      const state = read(given);
      return shiftTo(state, trafficAt(state, from), trafficAt(state, to));
    },

    async observe(given, { since, begun }) {
      const state = read(given);
      const { cloud, revision, old, watch } = state;
      const shares = trafficOf(await client.service(state.service));
      const isKnown = [...watch.steps].some((percent) => sameTraffic(shares, trafficAt(state, percent)));
      if (!isKnown) throw overtaken(state);
      const to = new Date(Date.now() - waitMilliseconds(cloud.metrics_lag));
      const before = new Date(begun.getTime() - waitMilliseconds(watch.longest));
      const window = { project: cloud.project, region: cloud.region, service: cloud.service, to };
      const known = await revisionFigures(client, { ...window, revision: old, from: before });
      if (to <= since) {
        const none = { requests: 0, errors: 0, latency: { bounds: [], counts: [0] } };
        return { fresh: none, old: known, until: since };
      }
      return {
        fresh: await revisionFigures(client, { ...window, revision, from: since }),
        old: known,
        until: to,
      };
    },

    async settle(given) {
      const state = read(given);
      await shiftTo(state, trafficAt(state, 100), trafficSettled(state));
      return `${state.revision} answers everything; ${state.old} is kept, at 0 %`;
    },

    async undo(given) {
      const state = read(given);
      const back = trafficBack(state);
      const mine = [0, ...state.watch.steps].map((percent) => trafficAt(state, percent));
      await changeService(client, state.service, {
        isDone: (service) => {
          const shares = trafficOf(service);
          if (sameTraffic(shares, back)) return true;
          // It never came to be; with its template there, the latest revision would be the one that has failed.
          return service.template?.revision !== state.revision && sameTraffic(shares, state.original);
        },
        isOurs: (service) =>
          [...mine, trafficSettled(state)].some((each) => sameTraffic(trafficOf(service), each)),
        change: (service) => ({ ...service, traffic: targetsOf(back) }),
        fields: ['traffic'],
      });
      await untilReconciled(client, state.service, reconcileMs);
      return `${state.old} answers everything; ${state.revision} gets nothing`;
    },
  };
}

function requireCloudRun(cloud: CloudRunConfig | undefined): CloudRunConfig {
  if (cloud) return cloud;
  throw new Failure(
    'start-refused',
    'The target cloud-run is not configured. Put cloud_run with project, region, service and image into configs/deploy.yaml; ' +
      'docs/guides/deployment.md has an example.',
  );
}

function requireBucket({ store }: CloudRunConfig, own: string): string {
  const found = store ?? own;
  if (found.startsWith('gs://')) return found;
  throw new Failure(
    'start-refused',
    'The store is a folder of this machine, which Cloud Run cannot read. Keep it in a bucket (DROVER_STORE=gs://…), or name ' +
      'the bucket that has a copy of it in cloud_run.store.',
  );
}

async function requireService(client: CloudRunClient, name: string, cloud: CloudRunConfig): Promise<Service> {
  try {
    return await client.service(name);
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== 'not-found') throw error;
    const { service, region, project, image } = cloud;
    throw new Failure(
      'start-refused',
      `There is no service ${service} in ${region} of ${project}. Make it once: gcloud run deploy ${service} --project ${project} ` +
        `--region ${region} --image ${image}; docs/guides/deployment.md says what it needs.`,
      { cause: error },
    );
  }
}

function overtaken({ cloud }: State): Failure {
  return new Failure(
    'deployment-conflict',
    `The traffic of ${cloud.service} was changed by somebody else meanwhile; it stays as it was made.`,
  );
}

/** Undefined where it has none of its own, as behind a load balancer alone. */
function addressOf({ uri }: Service): string | undefined {
  return uri == null || uri === '' ? undefined : uri.replace(/\/+$/, '');
}

/** The service's address: it is the audience of tokens and the host of the API key, for all of its revisions. */
function servicePlace(
  address: string,
  { api_key: name }: CloudRunConfig,
  { client, secrets }: CloudRunSurroundings,
): ApiPlace {
  return {
    address,
    authorization: () => client.identity(address),
    ...(name !== undefined && { key: keyFor('cloud_run.api_key', name, address, secrets) }),
  };
}

/** The new revision's own address. */
function candidatePlace(service: Service, state: State, surroundings: CloudRunSurroundings): ApiPlace {
  const address = service.trafficStatuses
    ?.find((status) => status.tag === state.tag)
    ?.uri?.replace(/\/+$/, '');
  if (address == null || address === '') {
    throw new Failure('cloud-unavailable', `The revision ${state.revision} has no address of its own yet.`);
  }
  if (!surroundings.isFake && !/^https:\/\/[a-z0-9.-]+\.run\.app$/.test(address)) {
    throw new Failure(
      'deployment-failed',
      'The address of the new revision is not one of Cloud Run, ending in run.app.',
    );
  }
  return { ...servicePlace(addressOf(service) ?? address, state.cloud, surroundings), address };
}
