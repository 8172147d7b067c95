import { Failure } from '../../contracts/failures';
import type { Evaluation, Prediction } from '../../contracts/schemas/evaluation';
import type { Gate, GateOutcome, OnUndecided, Promotion } from '../../contracts/schemas/promotion';
import { improvementName, judgeImprovement, judgeLeastAccuracy, withInterval } from './gates/improvement';
import { judgeLimit, subject, type Candidate, type Finding } from './gates/limits';
import { judgeNotWorse } from './gates/not-worse';
import { shown } from './gates/numbers';
import { pairUp, type Pair } from './gates/pairs';

export interface PromotionCase {
  /** `predictions` are missing in evaluations of before 0.2.0. */
  readonly candidate: Candidate & { readonly predictions?: readonly Prediction[] | undefined };
  /** The version that stands; undefined where none does. */
  readonly champion?:
    | {
        readonly version: number;
        readonly evaluation?: Evaluation | undefined;
        readonly predictions?: readonly Prediction[] | undefined;
        /** Why it has no figures on these pictures: it knows other classes. */
        readonly incomparable?: string | undefined;
      }
    | undefined;
  readonly rules: Promotion;
  /** Whether it is judged by the audit's gates alone, on the audit's pictures. */
  readonly audit?: boolean | undefined;
}

export interface Judgement {
  /** `ask`: a person is to decide. */
  readonly verdict: 'pass' | 'fail' | 'ask';
  readonly gates: readonly GateOutcome[];
  /** One sentence for people, kept in the alias's history. */
  readonly reason: string;
}

/**
 * Judges a version by every gate, also after one has failed: whoever reads the table should see all that is wrong.
 *
 * A champion that can't be asked about these pictures, since it knows other classes, gives way to a candidate that can.
 *
 * @throws Failure `dataset-invalid` where the two were not measured on the same pictures
 */
export function judgePromotion({ candidate, champion, rules, audit }: PromotionCase): Judgement {
  const standing = champion?.evaluation;
  if (standing) requireSamePictures(candidate.evaluation, standing);
  const pairs =
    standing && champion.predictions && candidate.predictions
      ? pairUp(
          { evaluation: candidate.evaluation, predictions: candidate.predictions },
          { evaluation: standing, predictions: champion.predictions },
        )
      : undefined;

  const findings: GateOutcome[] = [];
  const add = (finding: Finding, onUndecided: OnUndecided): number =>
    findings.push({ ...finding, onUndecided });
  const { evaluation } = candidate;
  if (audit !== true && rules.min_accuracy > 0)
    add(judgeLeastAccuracy(evaluation, rules.min_accuracy), 'refuse');
  const least = audit === true ? undefined : leastImprovement(rules);
  if (least !== undefined) {
    add(
      standing
        ? judgeImprovement(evaluation, { evaluation: standing, name: `champion v${champion.version}` }, least)
        : unopposed(improvementName(least), least, noChampion(champion)),
      'refuse',
    );
  }
  for (const gate of (audit === true ? rules.audit?.gates : rules.gates) ?? []) {
    const otherwise = gate.on_undecided ?? usually(rules);
    if (gate.min !== undefined) add(judgeLimit(gate, 'min', gate.min, candidate), otherwise);
    if (gate.max !== undefined) add(judgeLimit(gate, 'max', gate.max, candidate), otherwise);
    if (gate.not_worse_by !== undefined) {
      add(notWorse(gate, gate.not_worse_by, { pairs, standing, champion, evaluation }), otherwise);
    }
  }
  return decide(findings, rules, summary(findings, candidate, champion, least !== undefined));
}

/** Where no gate compares the two, a version has to be better than the champion. */
function leastImprovement({ min_improvement, gates }: Promotion): number | undefined {
  return min_improvement ?? (gates.some((gate) => gate.not_worse_by !== undefined) ? undefined : 0);
}

/** A person who is asked anyway sees what is undecided; where nobody is, what is not shown is not promoted. */
function usually({ approval }: Promotion): OnUndecided {
  return approval.required === false ? 'refuse' : 'approve-by-person';
}

function notWorse(
  gate: Gate,
  margin: number,
  found: {
    readonly pairs: readonly Pair[] | undefined;
    readonly standing: Evaluation | undefined;
    readonly champion: PromotionCase['champion'];
    readonly evaluation: Evaluation;
  },
): Finding {
  const name = `${subject(gate)} not worse by ${shown(margin)}`;
  if (!found.standing) return unopposed(name, -margin, noChampion(found.champion));
  if (!found.pairs) {
    const why = 'an evaluation has no answers picture by picture; evaluate both again';
    return { gate: name, verdict: 'undecided', value: null, limit: -margin, why };
  }
  return judgeNotWorse(
    gate,
    margin,
    found.pairs,
    found.evaluation.perClass.map((row) => row.class),
  );
}

function unopposed(gate: string, limit: number, why: string): Finding {
  return { gate, verdict: 'pass', value: null, limit, why };
}

function noChampion(champion: PromotionCase['champion']): string {
  return champion === undefined
    ? 'there was no champion'
    : `champion v${champion.version} can't be compared: ${champion.incomparable ?? 'it has no figures'}`;
}

function decide(gates: readonly GateOutcome[], rules: Promotion, passed: string): Judgement {
  const failed = gates.filter(({ verdict }) => verdict === 'fail');
  const undecided = gates.filter(({ verdict }) => verdict === 'undecided');
  const refused = [...failed, ...undecided.filter(({ onUndecided }) => onUndecided === 'refuse')];
  if (refused.length > 0) {
    const reason = refused
      .map(({ verdict, why }) => (verdict === 'fail' ? why : `undecided: ${why}`))
      .join('; ');
    return { verdict: 'fail', gates, reason };
  }
  const open = undecided.filter(({ onUndecided }) => onUndecided === 'approve-by-person');
  const reason = [passed, ...undecided.map(({ gate, why }) => `${gate} is undecided: ${why}`)].join('; ');
  return { verdict: open.length > 0 || rules.approval.required === true ? 'ask' : 'pass', gates, reason };
}

/** What speaks for the version, where no gate is against it. */
function summary(
  findings: readonly GateOutcome[],
  { evaluation }: Candidate,
  champion: PromotionCase['champion'],
  compared: boolean,
): string {
  const improvement =
    compared && champion?.evaluation ? findings.find(({ gate }) => isImprovement(gate)) : undefined;
  const first =
    improvement?.why ??
    `${withInterval(evaluation)} on ${evaluation.pictures} pictures${champion?.evaluation ? '' : `; ${noChampion(champion)}`}`;
  const more = findings.filter(({ gate, verdict }) => !isImprovement(gate) && verdict === 'pass').length;
  return more === 0 ? first : `${first}; ${more} ${more === 1 ? 'gate' : 'gates'} passed`;
}

function isImprovement(gate: string): boolean {
  return gate.startsWith("accuracy over the champion's");
}

function requireSamePictures(candidate: Evaluation, champion: Evaluation): void {
  if (
    champion.manifest.sha256 === candidate.manifest.sha256 &&
    champion.split === candidate.split &&
    champion.pictures === candidate.pictures
  ) {
    return;
  }
  throw new Failure(
    'dataset-invalid',
    `The candidate was measured on ${candidate.pictures} ${candidate.split} pictures of dataset version ` +
      `${candidate.manifest.sha256.slice(0, 12)}, the champion on ${champion.pictures} ${champion.split} ` +
      `pictures of ${champion.manifest.sha256.slice(0, 12)}: evaluate both on the same ones first.`,
  );
}
