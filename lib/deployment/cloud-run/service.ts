import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../contracts/failures';
import { shortName, type CloudRunClient, type Revision, type Service } from './client';
import type { Share } from './traffic';

/** How a service's enums come, by the names of `google/cloud/run/v2/traffic_target.proto`. */
const latest = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const byName = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

/** Attempts of one change where the service is changed under it each time. */
const mostAttempts = 5;
const lookMs = 1000;

/** Traffic as a service has it; one that says nothing sends everything to the latest revision. */
export function trafficOf({ traffic }: Service): Share[] {
  if (!traffic || traffic.length === 0) return [{ to: 'latest', percent: 100 }];
  return traffic.map(({ type, revision, percent, tag }): Share => {
    const named = revision != null && revision !== '' && String(type) !== latest && String(type) !== '1';
    return {
      to: named ? { revision: shortName(revision) } : 'latest',
      percent: percent ?? 0,
      ...(tag != null && tag !== '' && { tag }),
    };
  });
}

export function targetsOf(shares: readonly Share[]): NonNullable<Service['traffic']> {
  return shares.map(({ to, percent, tag }) => ({
    ...(to === 'latest' ? { type: latest } : { type: byName, revision: to.revision }),
    percent,
    ...(tag !== undefined && { tag }),
  }));
}

export interface Change {
  /** Whether the service is as it is to be. */
  isDone(service: Service): boolean;
  /** Whether it is as this deployment, or whoever was before it, has left it. */
  isOurs(service: Service): boolean;
  change(service: Service): Service;
  /** What of it is changed; anything else the service keeps, whoever changes it. */
  readonly fields: readonly string[];
}

/**
 * Changes a service by compare-and-swap on its etag, once, however often it is asked: it looks first, and after an answer that
 * was lost as well.
 *
 * @throws Failure `deployment-conflict` where somebody else has changed it; `cloud-unavailable`, `cloud-refused`
 */
export async function changeService(client: CloudRunClient, name: string, wish: Change): Promise<Service> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const service = await client.service(name);
    if (wish.isDone(service)) return service;
    if (!wish.isOurs(service)) {
      const who =
        service.lastModifier == null || service.lastModifier === '' ? '' : ` by ${service.lastModifier}`;
      throw new Failure(
        'deployment-conflict',
        `The traffic of ${shortName(name)} was changed${who} meanwhile; it stays as it was made.`,
      );
    }
    try {
      await client.update(wish.change(service), wish.fields);
    } catch (error) {
      // Its etag has changed since it was read: it is read again, and judged again.
      if (!(error instanceof Failure) || error.type !== 'deployment-conflict') throw error;
    }
  }
  throw new Failure('cloud-unavailable', `The service ${shortName(name)} kept changing; it is tried again.`);
}

/** Waits until Cloud Run has done what it was told. @throws Failure `cloud-unavailable` where that takes longer */
export async function untilReconciled(
  client: CloudRunClient,
  name: string,
  within: number,
  signal?: AbortSignal,
): Promise<Service> {
  const deadline = Date.now() + within;
  for (;;) {
    const service = await client.service(name);
    if (service.reconciling !== true) return service;
    if (Date.now() >= deadline) {
      throw new Failure(
        'cloud-unavailable',
        `The service ${shortName(name)} takes long to become what it was told to be.`,
      );
    }
    await sleep(lookMs, undefined, { signal });
  }
}

/** @throws Failure `deployment-failed` where it does not become ready, with Cloud Run's own words */
export async function untilReady(
  client: CloudRunClient,
  name: string,
  within: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + within;
  for (;;) {
    const ready = readyCondition(await revisionOrNone(client, name));
    const state = String(ready?.state ?? '');
    if (state === 'CONDITION_SUCCEEDED' || state === '4') return;
    const failed = state === 'CONDITION_FAILED' || state === '3';
    if (failed || Date.now() >= deadline) {
      const said =
        ready?.message == null || ready.message === ''
          ? ''
          : ` Cloud Run says: ${ready.message.slice(0, 500)}`;
      throw new Failure(
        'deployment-failed',
        `The revision ${shortName(name)} ${failed ? 'did not start' : 'is not ready in time'}.${said}`,
      );
    }
    await sleep(lookMs, undefined, { signal });
  }
}

/** One that was just asked for may not be there yet. */
async function revisionOrNone(client: CloudRunClient, name: string): Promise<Revision | undefined> {
  try {
    return await client.revision(name);
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return undefined;
    throw error;
  }
}

function readyCondition(revision: Revision | undefined) {
  return revision?.conditions?.find(({ type }) => type === 'Ready');
}
