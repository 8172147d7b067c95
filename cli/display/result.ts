import type { DeployResult } from '../../contracts/deployments';
import type { GpuWorkersResult } from '../../contracts/gpu-workers';
import type { MonitorResult } from '../../contracts/monitor';
import type {
  EvaluateResult,
  FormsResult,
  IngestResult,
  PipelineResult,
  PromoteResult,
  SweepResult,
  TrainResult,
  WatchResult,
} from '../../contracts/results';
import type { WorkflowType } from '../../contracts/names';
import { storeKey } from '../../contracts/refs';
import { type Colours, figure, inline, percent } from './format';

/** A workflow's result for people: what was found, and what it means. */
export function resultLines(type: WorkflowType, result: unknown, colours: Colours): string[] {
  if (typeof result !== 'object' || result === null) return [inline(result ?? 'done')];
  // Results come from our own workflows; `contracts/results.ts` is what both sides hold to.
  switch (type) {
    case 'pipeline':
      return pipelineLines(result as PipelineResult, colours);
    case 'sweep':
      return sweepLines(result as SweepResult, colours);
    case 'train':
      return trainLines(result as TrainResult);
    case 'evaluate': {
      const evaluated = result as EvaluateResult;
      return [
        accuracyLine(evaluated),
        `evaluation  ${evaluated.evaluation.uri}`,
        ...(evaluated.report === undefined ? [] : [`report      ${evaluated.report}`]),
      ];
    }
    case 'forms': {
      const { chosen, forms } = result as FormsResult;
      return [`chosen      ${chosen}`, `forms       ${forms.uri}`];
    }
    case 'ingest':
      return ingestLines(result as IngestResult);
    case 'promote': {
      const { promoted, champion, reason } = result as PromoteResult;
      return [`${promoted ? 'promoted' : 'not promoted'}: ${reason}`, `champion    ${version(champion)}`];
    }
    case 'rollback': {
      const { champion, reason } = result as PromoteResult;
      return [`champion    ${version(champion)}`, `because     ${reason}`];
    }
    case 'deploy': {
      const { model, version: number, state, outcome } = result as DeployResult;
      return [`${model} version ${number}: ${state}`, `because     ${outcome}`];
    }
    case 'watchData':
      return [(result as WatchResult).reason];
    case 'monitor': {
      const { verdict, reason, report } = result as MonitorResult;
      return [`${verdict}: ${reason}`, ...(report === undefined ? [] : [`report      ${report}`])];
    }
    case 'gpuWorkers':
      return [...(result as GpuWorkersResult).said];
    case 'preprocess':
      return Object.entries(result).map(([name, value]) => `${name.padEnd(11)} ${inline(value)}`);
  }
}

function pipelineLines(result: PipelineResult, colours: Colours): string[] {
  return [
    `${colours.bold(`${result.model} version ${result.version}`)} ${
      result.promoted
        ? colours.green('is the champion')
        : result.approval === undefined
          ? `was not promoted; the champion is ${version(result.champion)}`
          : `${colours.yellow('waits for a person')}; the champion is ${version(result.champion)}`
    }`,
    accuracyLine(result),
    `because     ${result.reason}`,
    ...(result.approval === undefined
      ? []
      : [
          `approve     npx drover approve ${result.approval.workflow} --by NAME --reason WHY`,
          `reject      npx drover reject ${result.approval.workflow} --by NAME --reason WHY`,
        ]),
    ...leftOutLines(result),
  ];
}

/** `accuracy    62.5 % of 400 test pictures (95 % interval 57.7 % to 67.1 %; always the commonest class: 10.0 %)`. */
export function accuracyLine(result: {
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly baseline: number;
  readonly pictures: number;
}): string {
  const [low, high] = result.interval;
  return (
    `accuracy    ${percent(result.accuracy)} of ${result.pictures} test pictures ` +
    `(95 % interval ${percent(low)} to ${percent(high)}; always the commonest class: ${percent(result.baseline)})`
  );
}

function sweepLines(result: SweepResult, colours: Colours): string[] {
  const { best } = result;
  const parameters = Object.entries(best.parameters).map(([name, value]) => `${name}=${inline(value)}`);
  return [
    `${colours.bold(`trial ${best.trial}`)} is the best of ${result.trials}${result.failed > 0 ? ` (${result.failed} failed)` : ''}`,
    `${result.metric}  ${figure(best.metric)}`,
    `parameters  ${parameters.join(' ') || 'none vary'}`,
    `run         ${best.run}`,
  ];
}

function trainLines(result: TrainResult): string[] {
  const width = Math.max(11, ...Object.keys(result.metrics).map((name) => name.length));
  return [
    `${'run'.padEnd(width)} ${result.run}`,
    `${'epochs'.padEnd(width)} ${result.epochs}`,
    ...Object.entries(result.metrics).map(([name, value]) => `${name.padEnd(width)} ${figure(value)}`),
  ];
}

function ingestLines(result: IngestResult): string[] {
  const { train, validation, test } = result.perSplit;
  return [
    `pictures    ${result.pictures}: ${train} to train, ${validation} to validate, ${test} to test`,
    `classes     ${result.classes.join(', ')}`,
    ...leftOutLines(result),
    ...(result.warnings ?? []).map((warning) => `look at     ${warning}`),
    `manifest    ${result.manifest.uri}`,
    `sha256      ${result.manifest.sha256}`,
  ];
}

function leftOutLines({ rejected, manifest }: Pick<IngestResult, 'rejected' | 'manifest'>): string[] {
  if (rejected === 0) return [];
  const card = storeKey(manifest.uri)?.replace(/[^/]*$/, 'card.html') ?? manifest.uri;
  return [`left out    ${rejected} files; each with its reason in ${card} of the store`];
}

function version(number: number | undefined): string {
  return number === undefined ? 'none' : `version ${number}`;
}
