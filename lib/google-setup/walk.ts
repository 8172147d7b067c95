import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Google } from './google';
import { look, type Seen } from './look';
import { isMakeable, make, type Makeable } from './make';
import type { Item, Wanted } from './items';
import { Refusal } from './refusal';

/** `made`: just now · `refused`: Google would not say, or would not do it · `waits`: for another that is not there. */
export type State = Seen['state'] | 'made' | 'refused' | 'waits';

export interface WalkOptions {
  readonly making: boolean;
  /** Hears of each before it is looked at: some take minutes. */
  readonly onItem?: (item: Item) => void;
}

export interface Outcome {
  readonly item: Item;
  readonly state: State;
  readonly note?: string;
}

/** Who may look at and make it: the roles that the person who sets up needs, the least that Google has. */
const rolesOf: Readonly<Record<Wanted['kind'], string>> = {
  api: 'roles/serviceusage.serviceUsageAdmin',
  account: 'roles/iam.serviceAccountAdmin',
  bucket: 'roles/storage.admin, or the name is taken by somebody else: choose another by --bucket',
  repository: 'roles/artifactregistry.admin',
  grant: 'roles/resourcemanager.projectIamAdmin, roles/storage.admin and roles/iam.serviceAccountAdmin',
  service: 'roles/run.viewer',
  job: 'roles/run.developer, and roles/iam.serviceAccountUser on the account that it runs as',
  schedule: 'roles/cloudscheduler.admin, and roles/iam.serviceAccountUser on the account that it asks as',
  quota: 'roles/servicemanagement.quotaViewer',
  zones: 'roles/compute.viewer',
};

const mostPatience = 18;

/**
 * Looks at one item after another, and makes what is missing where it is told to. Whatever is refused, the others are seen to,
 * but for those that need it.
 *
 * @throws Failure `cloud-refused` or `cloud-unavailable` where Google says nothing of the project at all
 */
export async function* walk(
  plan: readonly Item[],
  google: Google,
  { making, onItem }: WalkOptions,
): AsyncGenerator<Outcome> {
  const states = new Map<string, State>();
  for (const item of plan) {
    onItem?.(item);
    const outcome = await one(item, states, google, making);
    states.set(item.id, outcome.state);
    yield outcome;
  }
}

async function one(
  item: Item,
  states: ReadonlyMap<string, State>,
  google: Google,
  making: boolean,
): Promise<Outcome> {
  const { wanted, needs } = item;
  const lacking = needs.find((need) => ['missing', 'refused', 'waits'].includes(states.get(need) ?? 'there'));
  if (lacking !== undefined) {
    const first = lacking.replace(/^[a-z]+:/, '').replace(/@.*/, '');
    // A plan is made before anything is: what can't be there yet is missing, and no fault.
    return making || !isMakeable(wanted)
      ? { item, state: 'waits', note: `for ${first}` }
      : { item, state: 'missing', note: `after ${first}` };
  }
  // What was made a moment ago is not known everywhere at Google yet.
  const isFresh = needs.some((need) => states.get(need) === 'made');
  try {
    const seen = await patiently(google, isFresh, () => seenOf(google, wanted));
    if (seen.state !== 'missing' || !making || !isMakeable(wanted)) return { item, ...seen };
    return { item, ...(await patiently(google, isFresh, () => made(google, wanted))) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Where not even the first can be looked at, none of the others can, and each would say so.
    if (states.size === 0) throw outOfReach(google.project, error);
    const advice = error.kind === 'denied' ? `; it takes ${rolesOf[wanted.kind]}` : '';
    return { item, state: 'refused', note: `${error.message}${advice}` };
  }
}

function outOfReach(project: string, { kind, message }: Refusal): Failure {
  const asked = `Google was asked which APIs ${project} has enabled: ${message}`;
  if (kind === 'busy') return new Failure('cloud-unavailable', asked);
  const advice =
    kind === 'api-disabled'
      ? `gcloud services enable serviceusage.googleapis.com --project ${project}, and again in some minutes`
      : kind === 'denied'
        ? `It takes ${rolesOf.api} on a project of that id`
        : "Is it the project's id, as `gcloud projects list` has it?";
  return new Failure('cloud-refused', kind === 'credentials' ? message : `${asked}. ${advice}`);
}

async function seenOf(google: Google, wanted: Wanted): Promise<Seen> {
  try {
    return await look(google, wanted);
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'absent') throw error;
    if (wanted.kind === 'api')
      throw new Refusal('refused', `no such project, or no such API: ${error.message}`);
    if (wanted.kind === 'grant' && wanted.on.kind === 'secret') {
      return { state: 'yours', note: `there is no ${wanted.on.name}: gcloud secrets create` };
    }
    return isMakeable(wanted)
      ? { state: 'missing' }
      : { state: 'yours', note: wanted.kind === 'service' ? 'it is not made yet' : error.message };
  }
}

async function made(google: Google, wanted: Makeable): Promise<{ state: State; note?: string }> {
  try {
    await make(google, wanted);
    return { state: 'made' };
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'exists') throw error;
    // Made meanwhile, by somebody or by a call whose answer was lost; or the name is somebody else's.
    const seen = await seenOf(google, wanted);
    if (seen.state === 'missing') throw error;
    return seen;
  }
}

/** Asks again for some minutes where something new is not known yet; at once fails what is not new. */
async function patiently<T>(google: Google, isFresh: boolean, work: () => Promise<T>): Promise<T> {
  for (let times = 0; ; times += 1) {
    try {
      return await work();
    } catch (error) {
      const isEarly =
        error instanceof Refusal &&
        (error.kind === 'api-disabled' ||
          error.kind === 'absent' ||
          (error.kind === 'refused' && error.message.includes('does not exist')));
      if (!isFresh || !isEarly || times === mostPatience) throw error;
      await sleep(google.pauseMs * 5);
    }
  }
}

/**
 * What is not as it should be. A region's quota or zone counts only where no other region has what it lacks: GPU workers go
 * to the first that has room.
 */
export function amiss(outcomes: readonly Outcome[]): Outcome[] {
  const isFine = ({ state }: Outcome): boolean => state === 'there' || state === 'made';
  const regions = new Map<string, boolean>();
  for (const outcome of outcomes) {
    const { wanted } = outcome.item;
    if (wanted.kind !== 'quota' && wanted.kind !== 'zones') continue;
    regions.set(wanted.region, (regions.get(wanted.region) ?? true) && isFine(outcome));
  }
  const anyRegion = [...regions.values()].some(Boolean);
  return outcomes.filter(
    (outcome) => !isFine(outcome) && !(anyRegion && ['quota', 'zones'].includes(outcome.item.wanted.kind)),
  );
}
