import { Failure } from '../../contracts/failures';
import type { PictureFacts } from '../../contracts/schemas/dataset';
import type { ManifestEntry } from '../../contracts/schemas/documents';
import type { Addition } from '../../contracts/schemas/feedback';
import { classesOf } from '../data/manifest';
import { tooNear } from '../data/too-near';
import { examinePicture } from '../images/examine';
import { putBlob } from '../storage/refs';
import type { Store } from '../storage/store';
import type { FeedbackItem } from './items';
import type { Standing } from './log';
import { examinedOf, readMeasures } from './measures';
import type { Review } from './review';

/** A picture that was accepted or corrected, and can't be part of the dataset. */
export interface RefusedAddition {
  /** The picture's SHA-256. */
  readonly item: string;
  readonly label: string;
  /** A sentence for people. */
  readonly reason: string;
}

interface Choosing {
  readonly store: Store;
  readonly name: string;
  /** The dataset's newest version. */
  readonly entries: readonly ManifestEntry[];
  readonly review: Review;
  readonly standing: ReadonlyMap<string, Standing>;
  readonly earlier: readonly Addition[];
  /** Writes nothing into the store. */
  readonly dryRun: boolean;
}

export interface ChosenAdditions {
  /** What the additions become, by what they are. */
  readonly change: (before: readonly Addition[]) => readonly Addition[];
  readonly refused: readonly RefusedAddition[];
}

/** Which reviewed pictures become part of a dataset, and which don't, and why. Their bytes are in the store then. */
export async function chooseAdditions(choosing: Choosing): Promise<ChosenAdditions> {
  const { store, name, entries, review, standing, earlier, dryRun } = choosing;
  const taken = new Map<string, Addition>();
  const known = new Set(earlier.map(({ sha256 }) => sha256));
  const refused: RefusedAddition[] = [];
  const classes = classesOf(entries.filter(({ origin }) => origin === undefined));
  const own = new Map(
    entries.filter(({ origin }) => origin === undefined).map((each) => [each.sha256, each]),
  );
  const facts = new Map<string, PictureFacts>();

  for (const item of review.items) {
    const decision = standing.get(item.id);
    const label = decision?.label;
    if (decision === undefined || label === undefined || item.state === 'waiting') continue;
    const refuse = (reason: string): void => void refused.push({ item: item.id, label, reason });
    const there = own.get(item.id);
    if (there !== undefined) {
      refuse(
        `It is in the dataset already, as ${there.path} in ${there.split}, labelled ${there.label}.` +
          (there.label === label ? '' : ' Correct its label where it came from.'),
      );
    } else if (!classes.includes(label)) {
      refuse(
        `The dataset has no class ${label}. Take pictures of it in from the source first, so that some are to validate and to test with.`,
      );
    } else if (known.has(item.id)) {
      taken.set(item.id, additionOf(item, decision, label));
    } else {
      const read = await readPicture(item);
      if ('reason' in read) {
        refuse(read.reason);
        continue;
      }
      if (!dryRun) await putBlob(store, read.bytes);
      facts.set(item.id, read.facts);
      taken.set(item.id, additionOf(item, decision, label));
    }
  }
  const newcomers = [...taken.keys()].filter((id) => !known.has(id));
  const looked = newcomers.flatMap((sha256) => {
    const found = facts.get(sha256);
    return found === undefined ? [] : [{ sha256, facts: found }];
  });
  const measures = looked.length === 0 ? [] : await readMeasures(store, name, entries);
  for (const [index, at] of tooNear(looked, measures)) {
    const item = looked[index]?.sha256 ?? '';
    const where = measures[at]?.where ?? '';
    refused.push({
      ...{ item, label: taken.get(item)?.label ?? '' },
      reason: `It looks the same as ${where}, by which models are measured, so that none may learn from it.`,
    });
    taken.delete(item);
  }
  if (!dryRun)
    await examinedOf(
      store,
      name,
      newcomers.filter((id) => taken.has(id)),
    );

  /** Whatever another application has added meanwhile, on later decisions than these, stays. */
  const change = (before: readonly Addition[]): readonly Addition[] => {
    const kept = before.flatMap((addition) => {
      const holds = standing.get(addition.sha256);
      if (taken.has(addition.sha256)) return [];
      if (!known.has(addition.sha256)) return [addition];
      // Its prediction may be gone by now, and then the log alone says whether it is still wanted.
      if (holds?.label === undefined) return [];
      // Refused above: its label of before is known to be wrong, and the new one would be a class to train with alone.
      return classes.includes(holds.label) ? [{ ...addition, label: holds.label }] : [];
    });
    const again = new Map(before.map((addition) => [addition.sha256, addition]));
    return [
      ...kept,
      ...[...taken.values()].map((addition) => {
        const was = again.get(addition.sha256);
        // The same decision again must give the same line, or the version would be another.
        return was?.label === addition.label ? was : addition;
      }),
    ];
  };
  return { change, refused };
}

function additionOf(item: FeedbackItem, { by, at }: Standing, label: string): Addition {
  const voice = item.settlement.voices.findLast((each) => each.label === label);
  const answer =
    item.answers.find(({ prediction }) => prediction === voice?.prediction) ?? item.answers.at(-1);
  if (answer === undefined) throw new Error(`${item.id} has no answer.`);
  return {
    ...{
      path: `feedback/${item.id}.${item.picture.format}`,
      label,
      sha256: item.id,
      bytes: item.picture.bytes,
    },
    origin: {
      prediction: answer.prediction,
      model: { name: item.model, version: answer.version },
      ...{ predicted: answer.predicted, reviewer: by, at },
    },
  };
}

async function readPicture(
  item: FeedbackItem,
): Promise<{ readonly bytes: Buffer; readonly facts: PictureFacts } | { readonly reason: string }> {
  try {
    const bytes = await item.bytes();
    if (bytes === undefined) return { reason: 'No picture of it was kept.' };
    const examined = await examinePicture(bytes);
    return 'facts' in examined ? { bytes, facts: examined.facts } : { reason: examined.problem.reason };
  } catch (error) {
    if (error instanceof Failure && (error.type === 'not-found' || error.type === 'digest-mismatch')) {
      return { reason: `Its picture is gone: ${error.message}` };
    }
    throw error;
  }
}
