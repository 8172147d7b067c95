import { Failure } from '../../contracts/failures';
import {
  findingKinds,
  validationSchema,
  type Finding,
  type FindingKind,
  type Validation,
} from '../../contracts/schemas/dataset';

/** So many files are named in a message; where all of them stand would be a report. */
const mostExamples = 5;

/**
 * Ends the ingest where something was found whose policy is `fail`, naming all kinds of it at once: whoever
 * corrects a source wants to do it in one go.
 *
 * @param rules - the policies; those of kinds that are not in `findings` may be missing
 * @throws Failure `dataset-invalid`
 */
export function refuseFailing(
  findings: readonly Finding[],
  rules: Readonly<Partial<Pick<Validation, FindingKind>>>,
): void {
  const failing = findings.filter(({ kind }) => rules[kind] === 'fail');
  const kinds = findingKinds.filter((kind) => failing.some((finding) => finding.kind === kind));
  if (kinds.length === 0) return;
  const counts = kinds.map((kind) => `${failing.filter((finding) => finding.kind === kind).length} ${kind}`);
  const remedies = kinds.map((kind) => `validate.${kind} to ${otherPolicies(kind)}`);
  throw new Failure(
    'dataset-invalid',
    `Found what must not be there: ${counts.join(', ')}, such as ${examplesOf(failing)}. Correct these in the ` +
      `source, or set ${remedies.join(', and ')}.`,
  );
}

/** Some files with their reasons: the first of each kind, then the second of each, and so on. */
export function examplesOf(findings: readonly Finding[]): string {
  const met = new Map<FindingKind, number>();
  const ranked = findings.map((finding) => {
    const rank = met.get(finding.kind) ?? 0;
    met.set(finding.kind, rank + 1);
    return { finding, rank };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, mostExamples)
    .map(({ finding: { path, reason } }) => `${path}: ${reason.replace(/\.$/, '')}`)
    .join('; ');
}

/** What may be done instead of failing, as the schema says. */
function otherPolicies(kind: FindingKind): string {
  const others = (['keep', 'drop'] as const).filter(
    (policy) => validationSchema.shape[kind].safeParse(policy).success,
  );
  return others.join(' or ');
}
