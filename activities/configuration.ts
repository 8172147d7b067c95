import type { ConfigRef, PreparedRef } from '../contracts/refs';
import type { StartInput } from '../contracts/inputs';
import { asSeen, type TrialSeen } from '../contracts/search';
import { plannedEpochs } from '../contracts/planned-epochs';
import type { PipelineConfig } from '../contracts/schemas/pipeline';
import type { RunConfig } from '../contracts/schemas/run';
import { sweepConfigSchema, type SweepConfig } from '../contracts/schemas/sweep';
import { refSchema } from '../contracts/schemas/documents';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { latestPrepared } from '../lib/data/latest-prepared';
import { applyParameters, namedAsIn, refusal, tryParameters } from '../lib/search/apply';
import { parseSpace } from '../lib/search/space';
import { suggest } from '../lib/search/suggest';
import { trialSeed } from '../lib/search/trial-seed';
import { earlierTrials } from '../lib/sweeps/earlier-trials';
import { otherPictures } from '../lib/sweeps/other-pictures';
import { picturesOf } from '../lib/sweeps/pictures-of';
import { readSweepRecord } from '../lib/sweeps/sweep-records';
import type { Store } from '../lib/storage/store';
import { digestOf, putJson, readJson } from '../lib/storage/refs';
import { parseInput } from './input';
import { countGpuSlots } from './slots';

/** A configuration as it was understood, its snapshot, and what people should know about it. */
export interface Resolved<Config> {
  readonly config: Config;
  readonly ref: ConfigRef;
  /** Where the start named a prepared set. */
  readonly prepared?: PreparedRef;
  readonly warnings: readonly string[];
}

/** A sweep's, and the pictures that it will stand on, in words; missing where it has them prepared itself. */
export type ResolvedSweep = Resolved<SweepConfig> & { readonly pictures?: string };

/** One trial's draw, and the run configuration that it makes. */
export type Suggestion = {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Where they were asked for. */
  readonly gpuSlots?: number | undefined;
} & (
  | {
      readonly config: RunConfig;
      /** That its training has, all parts together. */
      readonly epochs?: number;
    }
  | {
      /** Why no run takes them: the far end of a distribution without ends, for one. It is this trial's failure, and no other's. */
      readonly refused: string;
    }
);

export interface SuggestInput {
  readonly sweep: ConfigRef;
  /** Counted from 1. */
  readonly trial: number;
  /** Of a trial that a person asked for. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The trials before it, for searches that learn from them: of a long sweep, those that its record lacks or has otherwise. */
  readonly observed?: readonly TrialSeen[];
  /** The sweep, and how many of its trials are in its record. */
  readonly recorded?: { readonly sweep: string; readonly trials: number };
  /** Asks how many trainings there can be at once, too. */
  readonly countSlots?: boolean;
}

interface Dependencies {
  readonly store: Store;
  /** The folder whose `configs/` is meant. */
  readonly project: string;
  /** Drover's own configurations, for a project that has none. */
  readonly defaults: string;
}

/** Configurations are read here, once, before any work; a wrong one fails without retry. */
export function createConfigurationActivities({ store, project, defaults }: Dependencies) {
  async function resolve<Config>(
    kind: 'pipeline' | 'sweep' | 'train',
    input: StartInput,
    read: (input: StartInput) => Promise<{ config: Config; warnings: string[] }>,
  ): Promise<Resolved<Config>> {
    const { prepared, rest } = takePrepared(input);
    const { config, warnings } = await read(rest);
    const ref = await putJson<'config'>(
      store,
      `configs/${kind}/${digestOf(config).slice(0, 16)}.json`,
      config,
    );
    return { config, ref, warnings, ...(prepared && { prepared }) };
  }
  const place = { project, store, defaultConfigs: defaults };

  /** With what it will stand on, and what earlier sweeps that it starts from stood on. */
  async function withPictures(resolved: Resolved<SweepConfig>): Promise<ResolvedSweep> {
    const prepared = resolved.prepared ?? (await latestPrepared(store));
    if (prepared === undefined) return resolved;
    return {
      ...resolved,
      pictures: await picturesOf(store, prepared),
      warnings: [...resolved.warnings, ...(await otherPictures(store, resolved.config, prepared))],
    };
  }

  return {
    async resolvePipeline(input: StartInput): Promise<Resolved<PipelineConfig>> {
      const resolved = await resolve('pipeline', input, (rest) =>
        resolveConfiguration('pipeline', rest, place),
      );
      // What it can't start from is said before the data is brought, not after.
      await earlierTrials(store, resolved.config.sweep);
      return resolved;
    },

    async resolveSweep(input: StartInput): Promise<ResolvedSweep> {
      const resolved = await resolve('sweep', input, async (rest) => {
        const { config, warnings } = await resolveConfiguration('sweep', rest, place);
        return { config: withRungsEpochs(config), warnings };
      });
      await earlierTrials(store, resolved.config);
      return withPictures(resolved);
    },

    async resolveTrain(input: StartInput): Promise<Resolved<RunConfig>> {
      return resolve('train', input, (rest) => resolveConfiguration('train', rest, place));
    },

    /**
     * What a trial tries: what it was given, else what the search suggests, which is a function of the configuration and of
     * the trials before it alone. undefined: a grid is at its end.
     */
    async suggestTrial({
      sweep,
      trial,
      parameters: given,
      observed = [],
      recorded,
      countSlots = false,
    }: SuggestInput): Promise<Suggestion | undefined> {
      const config = await readJson(store, sweep, sweepConfigSchema);
      const { method, seed, metric } = config;
      const space = parseSpace(config.parameters);
      const parameters =
        (given && namedAsIn(space, given)) ??
        suggest(
          {
            space,
            method,
            goal: metric.goal,
            seed,
            observed: await allSeen(store, observed, recorded),
            earlier: await earlierTrials(store, config),
          },
          trial,
        );
      if (parameters === undefined) return undefined;
      const slots = countSlots && { gpuSlots: await countGpuSlots(store) };
      const applied = tryParameters({ ...config.train, seed: trialSeed(config, trial) }, parameters);
      if (!applied.ok) return { parameters, refused: refusal(applied.problems), ...slots };
      return { parameters, config: applied.value, epochs: plannedEpochs(applied.value), ...slots };
    },

    /**
     * @returns the epochs that a training with these parameters has, all parts together
     * @throws Failure `configuration-invalid` with what a run would refuse of a trial's parameters.
     */
    async checkTrial({
      sweep,
      parameters,
    }: Required<Pick<SuggestInput, 'sweep' | 'parameters'>>): Promise<number> {
      const { train } = await readJson(store, sweep, sweepConfigSchema);
      return plannedEpochs(applyParameters(train, parameters));
    },
  };
}

/** The trials of a sweep's record, as they are since then, and those that came after. */
async function allSeen(
  store: Store,
  observed: readonly TrialSeen[],
  recorded: SuggestInput['recorded'],
): Promise<readonly TrialSeen[]> {
  if (recorded === undefined) return observed;
  const record = await readSweepRecord(store, recorded.sweep);
  const before = record?.trials.slice(0, recorded.trials) ?? [];
  if (before.length < recorded.trials) {
    throw new Error(`the record of ${recorded.sweep} has ${before.length} trials, not ${recorded.trials}`);
  }
  const newer = new Map(observed.map((seen) => [seen.trial, seen]));
  const known = before.map((trial) => newer.get(trial.trial) ?? asSeen(trial));
  return [...known, ...observed.filter(({ trial }) => trial > recorded.trials)];
}

/** ASHA's highest rung is what a trial is planned for: schedules go over all of it. */
function withRungsEpochs(config: SweepConfig): SweepConfig {
  const { early_terminate: rule, train } = config;
  if (rule?.type !== 'asha' || rule.max_epochs === undefined) return config;
  return { ...config, train: { ...train, epochs: rule.max_epochs } };
}

/** Parts a start's `prepared` from what is configuration. */
function takePrepared(input: StartInput): { prepared?: PreparedRef; rest: StartInput } {
  // What came as JSON may be null, whatever its type says.
  if (typeof input !== 'object' || (input as unknown) === null || !('prepared' in input))
    return { rest: input };
  const { prepared, ...rest } = input;
  return {
    prepared: parseInput(refSchema<'prepared'>(), prepared, 'prepared'),
    rest: Object.keys(rest).length === 0 ? undefined : rest,
  };
}
