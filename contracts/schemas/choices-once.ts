import type { Problem } from './problems';

/** Says what was expected once, at the first of those problems that expected the same. */
export function choicesOnce(problems: readonly Problem[]): Problem[] {
  const said = new Set<string>();
  return problems.map((problem) => {
    const { message, wrong } = problem;
    const [what = '', ...choices] = message.split('; expected one of ');
    const isKnown = wrong === 'key' && choices.length > 0 && said.has(message);
    said.add(message);
    return isKnown ? { ...problem, message: what } : problem;
  });
}
