import type { PromoteResult } from '../../contracts/results';
import type { GateOutcome, PromotionRecord, PromotionState } from '../../contracts/schemas/promotion';
import { type Colours, figure, inline } from './format';
import { table } from './table';

const headlines: Readonly<Record<PromotionState, string>> = {
  waiting: 'waits for a person',
  promoted: 'is the champion',
  refused: 'was not promoted',
  rejected: 'was rejected',
  expired: 'was not promoted: nobody decided in time',
  judged: 'was judged, and nothing moved',
  cancelled: 'was not promoted: it was cancelled',
};

/** What a promotion has come to: the verdict, then what each gate found. */
export function promotionLines(
  { model, version }: { readonly model: string; readonly version: number },
  result: PromoteResult,
  colours: Colours,
): string[] {
  const state = result.state ?? (result.promoted ? 'promoted' : 'refused');
  const paint = state === 'promoted' ? colours.green : state === 'judged' ? colours.cyan : colours.red;
  const champion = result.champion === undefined ? 'none' : `version ${result.champion}`;
  return [
    '',
    `${colours.bold(`${model} version ${version}`)} ${paint(headlines[state])}`,
    `because     ${inline(result.reason)}`,
    ...(state === 'promoted' ? [] : [`champion    ${champion}`]),
    ...gateLines(result.gates ?? [], colours),
    ...(result.uses === undefined
      ? []
      : ['', `These test pictures were asked by ${promotions(result.uses)} of this model so far.`]),
    ...(result.warning === undefined ? [] : [colours.yellow(result.warning)]),
  ];
}

/** A promotion that a person is to decide on, and how. */
export function waitingLines(record: PromotionRecord, colours: Colours): string[] {
  const { model, version, champion, reason, gates, gateSet, approval, workflow } = record;
  return [
    '',
    `${colours.bold(`${model} version ${version}`)} ${colours.yellow(headlines.waiting)}`,
    `because     ${inline(reason)}`,
    `champion    ${champion === null ? 'none' : `version ${champion}`}`,
    ...gateLines(gates, colours),
    '',
    `These test pictures were asked by ${promotions(gateSet.uses)} of this model so far.`,
    ...(gateSet.warning === undefined ? [] : [colours.yellow(gateSet.warning)]),
    '',
    `Until ${approval?.deadline ?? 'somebody decides'}${approval ? ', then it is not promoted' : ''}:`,
    `  npx drover approve ${workflow} --by NAME --reason WHY`,
    `  npx drover reject ${workflow} --by NAME --reason WHY`,
  ];
}

function promotions(count: number): string {
  return `${count} ${count === 1 ? 'promotion' : 'promotions'}`;
}

/** A row a gate, with why below those that did not pass. */
function gateLines(gates: readonly GateOutcome[], colours: Colours): string[] {
  if (gates.length === 0) return [];
  const paint = { pass: colours.green, fail: colours.red, undecided: colours.yellow };
  const rows = gates.map(({ gate, value, limit, verdict }) => [
    gate,
    value === null ? '–' : figure(value),
    figure(limit),
    paint[verdict](verdict),
  ]);
  const whys = gates
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ gate, verdict, why }) => `${paint[verdict](gate)}: ${why}`);
  const [header = '', ...lines] = table(['gate', 'number', 'limit', 'verdict'], rows, new Set([1, 2]));
  return ['', colours.dim(header), ...lines, ...(whys.length > 0 ? ['', ...whys] : [])];
}
