import { randomUUID } from 'node:crypto';
import { Failure } from '../../contracts/failures';
import type { ManifestRef } from '../../contracts/refs';
import type { Addition } from '../../contracts/schemas/feedback';
import type { ManifestEntry } from '../../contracts/schemas/documents';
import { changeAdditions, readAdditions } from '../data/additions';
import { readManifest } from '../data/manifest';
import { requireHistory } from '../data/versions';
import { duringWork } from '../data/under-way';
import type { Store } from '../storage/store';
import { addVersion, versionOf, withAdditions } from './add-version';
import { chooseAdditions, type RefusedAddition } from './choose';
import { readDecisions, standingDecisions } from './log';
import { readReview } from './review';

export interface ApplyWish {
  /** Of the model whose answers were reviewed, and of the dataset: the two have one name. */
  readonly name: string;
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  readonly now?: Date;
}

/** What an application has done, or would do. */
export interface AppliedFeedback {
  readonly dataset: string;
  /** The newest version before. */
  readonly before: string;
  /** The newest version now; the same where nothing changed. */
  readonly version: string;
  readonly manifest: ManifestRef | undefined;
  readonly pictures: number;
  readonly added: readonly Addition[];
  /** Those that were added before, under another label. */
  readonly relabelled: readonly Addition[];
  /** Those that were added before, and whose decision was undone or is another now. */
  readonly withdrawn: readonly Addition[];
  /** Accepted or corrected, and yet not taken: with the reason. */
  readonly refused: readonly RefusedAddition[];
  /** Those that were added before, and stay. */
  readonly already: number;
  /** Pictures that nobody has decided on. */
  readonly waiting: number;
}

/**
 * Makes the dataset what the reviews say: a new version, whose training split has the pictures that were accepted or corrected, and has
 * those no more whose decision was undone. Each picture is taken once, so that the same done again changes nothing; killed at any moment
 * and done again, it comes to the same. Every later ingest has these pictures, too.
 *
 * No picture goes into another split than `train`, and none is taken that looks the same as one by which models are measured.
 *
 * @throws Failure `not-found` where there is no such dataset; `storage-unavailable`, also while the store is being cleaned
 */
export async function applyFeedback(store: Store, wish: ApplyWish): Promise<AppliedFeedback> {
  if (wish.dryRun === true) return application(store, wish);
  return duringWork(store, `feedback-${randomUUID()}`, () => application(store, wish));
}

async function application(
  store: Store,
  { name, dryRun = false, now = new Date() }: ApplyWish,
): Promise<AppliedFeedback> {
  const newest = await requireNewest(store, name);
  const entries = await readManifest(store, newest.manifest);
  const review = await readReview(store, name);
  const standing = standingDecisions(await readDecisions(store, name));
  const earlier = await readAdditions(store, name);
  const chosen = await chooseAdditions({ store, name, entries, review, standing, earlier, dryRun });
  const additions = dryRun
    ? chosen.change(earlier)
    : await changeAdditions(store, name, (before) => chosen.change(before));

  const { next, version, manifest } = await newVersion(store, name, entries, additions, now, dryRun);
  const labelOf = new Map(earlier.map(({ sha256, label }) => [sha256, label]));
  const after = new Set(additions.map(({ sha256 }) => sha256));
  const relabelled = additions.filter(
    ({ sha256, label }) => labelOf.has(sha256) && labelOf.get(sha256) !== label,
  );
  return {
    ...{ dataset: name, before: newest.version, version, manifest, pictures: next.length },
    added: additions.filter(({ sha256 }) => !labelOf.has(sha256)),
    relabelled,
    withdrawn: earlier.filter(({ sha256 }) => !after.has(sha256)),
    refused: chosen.refused,
    already: earlier.filter(({ sha256 }) => after.has(sha256)).length - relabelled.length,
    waiting: review.items.filter(({ state }) => state === 'waiting').length,
  };
}

/** Writes what follows from the additions, and again where another application has changed them meanwhile, or an ingest the dataset. */
async function newVersion(
  store: Store,
  name: string,
  seen: readonly ManifestEntry[],
  given: readonly Addition[],
  now: Date,
  dryRun: boolean,
): Promise<{ next: readonly ManifestEntry[]; version: string; manifest: ManifestRef | undefined }> {
  if (dryRun) {
    const next = withAdditions(seen, given);
    return { next, version: versionOf(next), manifest: undefined };
  }
  for (let additions = given; ;) {
    const newest = await requireNewest(store, name);
    const next = withAdditions(await readManifest(store, newest.manifest), additions);
    const version = versionOf(next);
    const manifest =
      version === newest.version
        ? newest.manifest
        : await addVersion(store, name, newest, next, now.toISOString());
    if (manifest === undefined) continue;
    const latest = await readAdditions(store, name);
    if (versionOf(withAdditions(next, latest)) === version) return { next, version, manifest };
    additions = latest;
  }
}

async function requireNewest(store: Store, name: string) {
  const newest = (await requireHistory(store, name)).at(-1);
  if (newest === undefined) throw new Failure('not-found', `There is no dataset ${name}.`);
  return newest;
}
