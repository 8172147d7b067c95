import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { championAlias } from '../../contracts/names';
import { trafficFiguresSchema } from '../../contracts/schemas/deployment';
import { sha256Schema } from '../../contracts/schemas/documents';
import { waitMilliseconds } from '../../contracts/waits';
import { previousVersion } from '../registry/aliases';
import type { Registry } from '../registry/registry';
import { keyFor, requireKey, type ApiKeys } from './api-key';
import { probe, type ApiPlace } from './ask-api';
import { emptyFigures, withRequests } from './latencies';
import { smokeTest } from './smoke-test';
import type { DeploymentTarget, TargetState } from './target';

export interface LocalSurroundings {
  readonly registry: Registry;
  /** Of this project's API. */
  readonly address: string;
  /** `host` or `host:port`, in lower case: asked though they are not this machine. */
  readonly allowedHosts: readonly string[];
  readonly secrets: ApiKeys;
}

const stateSchema = z.strictObject({
  address: z.string(),
  model: z.string(),
  version: z.int(),
  digest: sha256Schema,
  /** Where the champion stood when the deployment was planned. */
  generation: z.string(),
  /** What it goes back to; missing where it named no other. */
  previous: z.int().optional(),
  within: z.number(),
  tolerance: z.number(),
  probes: z.int(),
  /** The name of its API key. */
  apiKey: z.string().optional(),
});

const carriedSchema = z.strictObject({ figures: trafficFiguresSchema });

/**
 * API processes that follow the champion. A promotion has moved that already; so what is deployed is the champion, it answers
 * everything at once, and it is taken back by moving the champion back. Users' requests are not counted by the API yet: what is
 * watched are pictures that the deployment itself sends.
 */
export function createLocalTarget({
  registry,
  address: own,
  allowedHosts,
  secrets,
}: LocalSurroundings): DeploymentTarget {
  const read = (state: TargetState) => stateSchema.parse(state);
  const placeOf = ({
    address,
    apiKey,
  }: Pick<z.infer<typeof stateSchema>, 'address' | 'apiKey'>): ApiPlace => ({
    address,
    ...(apiKey !== undefined && { key: keyFor('local.api_key', apiKey, address, secrets) }),
  });
  return {
    async plan({ model, version, digest, config }) {
      const champion = await registry.alias(model, championAlias);
      if (champion?.alias.version !== version) {
        const stands =
          champion === undefined
            ? 'there is no champion'
            : `the champion is version ${champion.alias.version}`;
        throw new Failure(
          'start-refused',
          `The local API follows the champion of ${model}, and ${stands}. Promote version ${version} first: ` +
            `npx drover promote ${model}@${version}`,
        );
      }
      const address = (config.local.address ?? own).replace(/\/+$/, '');
      requireAllowed(address, allowedHosts);
      const { probes, api_key: apiKey } = config.local;
      await requireKey('local.api_key', placeOf({ address, apiKey }));
      const previous = previousVersion(champion.alias);
      const { pictures, within, tolerance } = config.smoke;
      return {
        state: {
          ...{ address, model, version, digest, generation: champion.generation },
          ...(previous !== undefined && { previous }),
          ...{ within: waitMilliseconds(within), tolerance, probes },
          ...(apiKey !== undefined && { apiKey }),
        },
        place: address,
        before: previous === undefined ? 'nothing: there was no champion before' : `version ${previous}`,
        says: {
          prepare: `see that the champion of ${model} still is version ${version}, which the API at ${address} follows`,
          smoke: `see that it serves version ${version}, and ask it about ${pictures} real pictures`,
          shift: () => `watch it under ${probes} pictures a look: it answers everything already`,
          settle: 'leave the champion where it is',
        },
        steps: [100],
      };
    },

    async prepare(given) {
      const { model, version, generation } = read(given);
      const champion = await registry.alias(model, championAlias);
      if (champion?.generation === generation) return `version ${version} is the champion`;
      throw moved(model, champion?.alias.version);
    },

    async smoke(given, pictures, signal) {
      const state = read(given);
      const { model, version, digest, within, tolerance } = state;
      const expected = { model, version, digest };
      return smokeTest({ place: placeOf(state), expected, pictures, within, tolerance }, signal);
    },

    async shift(given) {
      const { version } = read(given);
      return `version ${version} answers everything`;
    },

    async observe(given, { pictures, carried }, signal) {
      const state = read(given);
      const { model, generation, probes } = state;
      const champion = await registry.alias(model, championAlias);
      if (champion?.generation !== generation) throw moved(model, champion?.alias.version);
      const requests = [];
      for (let sent = 0; sent < probes; sent += 1) {
        const picture = pictures[sent % pictures.length];
        const request = picture && (await probe(placeOf(state), picture, signal));
        // The next look asks further.
        if (request === undefined) break;
        requests.push(request);
      }
      const before = carried === undefined ? emptyFigures() : carriedSchema.parse(carried).figures;
      const fresh = withRequests(before, requests);
      return { fresh, until: new Date(), carried: { figures: fresh } };
    },

    async settle(given) {
      return `version ${read(given).version} stays the champion`;
    },

    async undo(given, { by, reason }) {
      const { model, version, generation, previous } = read(given);
      if (previous === undefined) {
        throw new Failure(
          'deployment-failed',
          `The champion of ${model} named no other version before ${version}; there is nothing to go back to.`,
        );
      }
      try {
        await registry.rollback(model, championAlias, {
          version: previous,
          expected: generation,
          by,
          reason,
        });
      } catch (error) {
        if (!(error instanceof Failure) || error.type !== 'alias-moved') throw error;
        throw new Failure('deployment-conflict', error.message, { cause: error });
      }
      return `version ${previous} is the champion again`;
    },
  };
}

function moved(model: string, version: number | undefined): Failure {
  return new Failure(
    'deployment-conflict',
    `The champion of ${model} was moved meanwhile${version === undefined ? '' : `, to version ${version}`}; it stays there.`,
  );
}

/** Pictures are sent there: to this machine, or to whom the operator has allowed. */
function requireAllowed(address: string, allowedHosts: readonly string[]): void {
  const { host, hostname } = new URL(address);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (loopback || allowedHosts.includes(host) || allowedHosts.includes(hostname)) return;
  throw new Failure(
    'path-refused',
    `local.address is on ${host}, which is not this machine. Add it to DROVER_ALLOWED_HOSTS to have pictures sent there.`,
  );
}
