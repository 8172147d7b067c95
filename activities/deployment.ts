import type { TargetName } from '../contracts/deployment-targets';
import { shareStep } from '../contracts/deployments';
import {
  deployInputSchema,
  deploymentRecordSchema,
  type DeploymentRecord,
  type DeploymentStep,
  type FiguresSummary,
  type Watch,
} from '../contracts/schemas/deployment';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { judgeStep, type StepVerdict } from '../lib/deployment/judge';
import { summaryOf } from '../lib/deployment/latencies';
import { writeDeployment } from '../lib/deployment/records';
import { smokePictures, type SmokePicture } from '../lib/deployment/smoke-pictures';
import type { TargetState, Undoing } from '../lib/deployment/target';
import { createTargets, type DeploymentSurroundings } from '../lib/deployment/targets';
import type { Registry } from '../lib/registry/registry';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';
import { requireChampion } from './promotion';

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
  readonly project: string;
  readonly defaults: string;
  readonly deployment: DeploymentSurroundings;
}

/** All that a step needs to be done, again and again. */
export interface DeploymentJob {
  readonly model: string;
  readonly version: number;
  readonly target: TargetName;
  readonly state: TargetState;
  /** How many real pictures it is tried on. */
  readonly pictures: number;
}

export interface DeploymentPlan {
  readonly job: DeploymentJob;
  readonly dryRun: boolean;
  readonly watch: Watch;
  /** Percent, one after the other. */
  readonly shares: readonly number[];
  readonly record: DeploymentRecord;
}

export interface DeploymentLook {
  /** ISO 8601: when the share was given, and when the deployment began. */
  readonly since: string;
  readonly begun: string;
  readonly watch: Watch;
  readonly carried?: TargetState | undefined;
}

export interface DeploymentSight extends StepVerdict {
  readonly fresh: FiguresSummary;
  readonly old?: FiguresSummary;
  readonly carried?: TargetState;
}

/** Deploying versions: the steps of a saga, each safe to do again. */
export function createDeploymentActivities(dependencies: Dependencies) {
  const { store, registry, project, defaults } = dependencies;
  const targets = createTargets(dependencies, dependencies.deployment);
  /** The last version's: a watch asks for them at every look. */
  let kept: { readonly key: string; readonly pictures: Promise<SmokePicture[]> } | undefined;

  async function picturesFor({ model, version, pictures }: DeploymentJob): Promise<SmokePicture[]> {
    const key = `${model} ${version} ${pictures}`;
    if (kept?.key !== key) {
      const found = registry.get(model, version).then((each) => smokePictures(store, each, pictures));
      kept = { key, pictures: found };
      found.catch(() => {
        kept = undefined;
      });
    }
    return kept.pictures;
  }

  return {
    /** Reads what there is, and says what will be done; it changes nothing. */
    async planDeployment(
      given: unknown,
      of: { readonly id: string; readonly workflow: string; readonly startedAt: string },
    ): Promise<DeploymentPlan> {
      const input = parseInput(deployInputSchema, given, 'deploy');
      const { model, by, reason, dryRun, overrides } = input;
      const { config } = await resolveConfiguration(
        'deploy',
        input.config === undefined && overrides === undefined
          ? undefined
          : { config: input.config, overrides: overrides ?? [] },
        { project, store, defaultConfigs: defaults },
      );
      const target = input.target ?? config.target;
      const version = input.version ?? (await requireChampion(registry, model)).alias.version;
      const digest = (await registry.get(model, version)).model.onnx.sha256;
      const plan = await targets[target].plan({ id: of.id, model, version, digest, config });
      const { says, steps: shares } = plan;
      const step = (name: string, what: string): DeploymentStep => ({
        step: name,
        plan: what,
        state: 'waiting',
      });
      return {
        job: { model, version, target, state: plan.state, pictures: config.smoke.pictures },
        dryRun,
        watch: config.watch,
        shares,
        record: {
          ...{ id: of.id, model, version, digest, target, place: plan.place, before: plan.before },
          state: dryRun ? 'planned' : 'running',
          by,
          ...(reason !== undefined && { reason }),
          ...{ workflow: of.workflow, startedAt: of.startedAt },
          steps: [
            step('prepare', says.prepare),
            step('smoke', says.smoke),
            ...shares.map((percent) => step(shareStep(percent), says.shift(percent))),
            step('settle', says.settle),
          ],
        },
      };
    },

    async prepareDeployment({ target, state }: DeploymentJob): Promise<string> {
      return withHeartbeat((_report, signal) => targets[target].prepare(state, signal));
    },

    async smokeDeployment(job: DeploymentJob): Promise<string> {
      return withHeartbeat(async (_report, signal) =>
        targets[job.target].smoke(job.state, await picturesFor(job), signal),
      );
    },

    async shiftDeployment(
      { target, state }: DeploymentJob,
      share: { readonly from: number; readonly to: number },
    ): Promise<string> {
      return withHeartbeat(() => targets[target].shift(state, share));
    },

    /** One look at a step: its figures, and what follows. */
    async watchDeployment(job: DeploymentJob, look: DeploymentLook): Promise<DeploymentSight> {
      return withHeartbeat(async (_report, signal) => {
        const since = new Date(look.since);
        const { fresh, old, until, carried } = await targets[job.target].observe(
          job.state,
          { pictures: await picturesFor(job), since, begun: new Date(look.begun), carried: look.carried },
          signal,
        );
        const verdict = judgeStep(
          {
            ...{ fresh, old },
            covered: Math.max(0, until.getTime() - since.getTime()),
            waited: Date.now() - since.getTime(),
          },
          look.watch,
        );
        return {
          ...verdict,
          fresh: summaryOf(fresh),
          ...(old && { old: summaryOf(old) }),
          ...(carried && { carried }),
        };
      });
    },

    async settleDeployment({ target, state }: DeploymentJob): Promise<string> {
      return withHeartbeat(() => targets[target].settle(state));
    },

    /** From wherever a deployment is, back to what answered before. */
    async undoDeployment({ target, state }: DeploymentJob, undoing: Undoing): Promise<string> {
      return withHeartbeat(() => targets[target].undo(state, undoing));
    },

    /** Writes what a deployment has come to, in place of what it was. */
    async keepDeployment(record: DeploymentRecord): Promise<void> {
      await writeDeployment(store, deploymentRecordSchema.parse(record));
    },
  };
}
