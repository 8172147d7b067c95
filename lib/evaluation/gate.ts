import { Failure } from '../../contracts/failures';
import type { Evaluation } from '../../contracts/schemas/evaluation';
import type { Promotion } from '../../contracts/schemas/promotion';

export interface PromotionCase {
  readonly candidate: Evaluation;
  /** The champion's figures on the same test set; undefined where there is no champion. */
  readonly champion: Evaluation | undefined;
  /** For the reason's wording. */
  readonly championVersion?: number;
  /** Why the champion has no figures on these pictures, where it stands but can't be asked about them. */
  readonly incomparable?: string;
  readonly rules: Pick<Promotion, 'min_accuracy' | 'min_improvement'>;
}

export interface Judgement {
  readonly promote: boolean;
  /** One sentence for people, kept in the alias's history. */
  readonly reason: string;
}

/** Differences below this are those of adding numbers in floating point, not of models. */
const rounding = 1e-9;

const share = (value: number): string => value.toFixed(3);

function withInterval({ accuracy, accuracyInterval: [low, high] }: Evaluation): string {
  return `${share(accuracy)} (95 % interval ${share(low)} to ${share(high)})`;
}

/**
 * Whether a model may become champion: only where its accuracy is strictly higher, by more than
 * `min_improvement`, on the very same test pictures; and never below `min_accuracy`. A champion that can't be
 * asked about these pictures, since it knows other classes, gives way to a candidate that can.
 *
 * @throws Failure `dataset-invalid` where the two were not measured on the same pictures: such figures
 * can't be compared.
 */
export function judgePromotion({
  candidate,
  champion,
  championVersion,
  incomparable,
  rules,
}: PromotionCase): Judgement {
  const pictures = `${candidate.pictures} pictures`;
  const least = rules.min_accuracy;
  if (candidate.accuracy < least) {
    return {
      promote: false,
      reason: `${withInterval(candidate)} on ${pictures} is below the least accuracy of ${share(least)}`,
    };
  }
  if (champion === undefined) {
    const why =
      incomparable === undefined
        ? 'there was no champion'
        : `champion v${championVersion ?? '?'} can't be compared: ${incomparable}`;
    return { promote: true, reason: `${withInterval(candidate)} on ${pictures}; ${why}` };
  }
  if (
    champion.manifest.sha256 !== candidate.manifest.sha256 ||
    champion.split !== candidate.split ||
    champion.pictures !== candidate.pictures
  ) {
    throw new Failure(
      'dataset-invalid',
      `The candidate was measured on ${candidate.pictures} ${candidate.split} pictures of dataset version ` +
        `${candidate.manifest.sha256.slice(0, 12)}, the champion on ${champion.pictures} ${champion.split} ` +
        `pictures of ${champion.manifest.sha256.slice(0, 12)}: evaluate both on the same ones first.`,
    );
  }
  const name = championVersion === undefined ? 'the champion' : `champion v${championVersion}`;
  if (candidate.model.sha256 === champion.model.sha256) {
    return { promote: false, reason: `${name} is this very model` };
  }
  const gain = candidate.accuracy - champion.accuracy;
  if (gain > (rules.min_improvement ?? 0) + rounding) {
    return {
      promote: true,
      reason: `${withInterval(candidate)} beats ${name}'s ${share(champion.accuracy)} on the same ${pictures}`,
    };
  }
  const asked = (rules.min_improvement ?? 0) > 0 ? ` by more than ${share(rules.min_improvement ?? 0)}` : '';
  return {
    promote: false,
    reason: `${withInterval(candidate)} does not beat ${name}'s ${share(champion.accuracy)}${asked} on the same ${pictures}`,
  };
}
