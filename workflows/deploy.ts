import {
  ActivityCancellationType,
  CancelledFailure,
  CancellationScope,
  condition,
  defineQuery,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { DeploymentPlan } from '../activities/deployment';
import {
  deploymentMessages,
  shareStep,
  type DeployInput,
  type DeploymentView,
  type DeployResult,
} from '../contracts/deployments';
import { queues } from '../contracts/names';
import type { DeploymentRecord, DeploymentState, DeploymentStep } from '../contracts/schemas/deployment';
import { waitMilliseconds } from '../contracts/waits';
import { quick } from './activities';
import { deploymentDetails } from './deployment-details';
import { failureType, rootCause } from './failures';
import { Interruptions } from './interruptions';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/** A step that is told to end is waited for, so that nothing of it comes after the way back. */
const steps = {
  taskQueue: queues.ml,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

const forward = proxyActivities<Activities>({
  ...steps,
  scheduleToCloseTimeout: '30 minutes',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

/** Somebody waits for the plan: what does not answer by then is said. */
const planning = proxyActivities<Activities>({
  taskQueue: queues.ml,
  startToCloseTimeout: '40s',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

/** Without an end: whatever is away comes back, and until then somebody may meet a version that has failed. */
const back = proxyActivities<Activities>({
  ...steps,
  retry: { initialInterval: '500ms', maximumInterval: '1 minute' },
});

/** Where Google refuses the way back, a person has to mend that; it is tried so often, and no longer. */
const refusedAgain = '1 minute';
const mostRefusals = 24 * 60;

/**
 * Deploys a version step by step, each watched beside what answered before, and takes everything back at the first that fails:
 * a saga, whose steps may be killed and repeated at any point.
 */
export async function deploy(given: DeployInput): Promise<DeployResult> {
  const { startTime, runId, workflowId } = workflowInfo();
  const startedAt = startTime.toISOString();
  const time = startedAt.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const id = `${time}-${runId.slice(-8)}`;
  const plan = await planning.planDeployment(given, { id, workflow: workflowId, startedAt });
  upsertSearchAttributes([{ key: attribute.model, value: plan.job.model }]);
  return new Deployment(plan).run();
}

/** One deployment on its way, with the record of it. */
class Deployment {
  private record: DeploymentRecord;
  private readonly said = new Interruptions();
  private readonly scope = new CancellationScope();

  constructor(private readonly plan: DeploymentPlan) {
    this.record = plan.record;
    this.said.listen(() => this.scope.cancel());
    setHandler(defineQuery<DeploymentView>(deploymentMessages.view), () => ({ record: this.record }));
  }

  async run(): Promise<DeployResult> {
    const { job, dryRun, shares } = this.plan;
    await this.keep();
    if (dryRun) return this.end('planned', 'A dry run: nothing was changed.');
    try {
      await this.scope.run(async () => {
        await this.step('prepare', () => forward.prepareDeployment(job));
        await this.step('smoke', () => forward.smokeDeployment(job));
        let from = 0;
        for (const percent of shares) {
          await this.step(shareStep(percent), () => this.giveAndWatch(from, percent));
          from = percent;
        }
        await this.step('settle', () => forward.settleDeployment(job));
        // Settling is not cut short, and whoever said meanwhile to go back was promised that it does.
        if (this.scope.consideredCancelled) throw new CancelledFailure('told to go back while it settled');
      });
    } catch (error) {
      this.said.close();
      return await CancellationScope.nonCancellable(async () => {
        const result = await this.goBack(error);
        if (isCancellation(error) && this.said.rollback === undefined) throw error;
        return result;
      });
    }
    this.said.close();
    const { model, version, place } = this.record;
    return this.end('serving', `${model} version ${version} answers everything at ${place}.`);
  }

  /** One step, with its times and what came of it in the record. */
  private async step(name: string, work: () => Promise<string>): Promise<void> {
    this.put(name, { state: 'running', startedAt: now() });
    await this.keep();
    try {
      const note = await work();
      this.put(name, { state: 'done', endedAt: now(), note });
    } catch (error) {
      this.put(name, { state: 'failed', endedAt: now(), note: this.reasonOf(error) });
      throw error;
    }
  }

  private async giveAndWatch(from: number, to: number): Promise<string> {
    const { job, watch } = this.plan;
    const given = await forward.shiftDeployment(job, { from, to });
    const since = now();
    let carried: Awaited<ReturnType<typeof forward.watchDeployment>>['carried'];
    this.said.beginWatching();
    try {
      for (let looks = 1; ; looks += 1) {
        await condition(() => this.said.advance !== undefined, waitMilliseconds(watch.every));
        const begun = this.record.startedAt;
        const sight = await forward.watchDeployment(job, { since, begun, watch, carried });
        const { verdict, why, fresh, old } = sight;
        carried = sight.carried;
        this.put(shareStep(to), { note: why, figures: { new: fresh, ...(old && { old }), looks } });
        if (verdict === 'breach') throw new Breach(why);
        const { advance } = this.said;
        if (advance) return `${given}; taken as passed by ${advance.by}: ${advance.reason} (${why})`;
        if (verdict === 'pass') return `${given}; ${why}`;
        if (verdict === 'undecided') {
          if (watch.on_undecided === 'go-on') return `${given}; gone on undecided: ${why}`;
          throw new Breach(`undecided after ${watch.longest}: ${why}`);
        }
      }
    } finally {
      this.said.endWatching();
    }
  }

  private async goBack(error: unknown): Promise<DeployResult> {
    const reason = this.reasonOf(error);
    if (failureType(error) === 'deployment-conflict') return this.end('overtaken', reason);
    const { job } = this.plan;
    const by = this.said.rollback?.by ?? this.record.workflow;
    this.add({ step: 'go back', plan: `back to ${this.record.before}`, state: 'running', startedAt: now() });
    await this.keep();
    for (let refusals = 0; ; refusals += 1) {
      try {
        const note = await back.undoDeployment(job, { by, reason: `deployment went back: ${reason}` });
        this.put('go back', { state: 'done', endedAt: now(), note });
        return await this.end('went-back', reason);
      } catch (trouble) {
        const type = failureType(trouble);
        const why = rootCause(trouble);
        this.put('go back', { note: why });
        if (type === 'deployment-conflict') return await this.endFailed('overtaken', `${reason}; ${why}`);
        if (type === 'deployment-failed' || refusals >= mostRefusals) {
          return await this.endFailed('stuck', `${reason}; ${why}`);
        }
        await this.keep();
        await sleep(refusedAgain);
      }
    }
  }

  private async endFailed(state: DeploymentState, outcome: string): Promise<DeployResult> {
    this.put('go back', { state: 'failed', endedAt: now() });
    return this.end(state, outcome);
  }

  private reasonOf(error: unknown): string {
    const { rollback } = this.said;
    if (!isCancellation(error)) return rootCause(error);
    return rollback ? `${rollback.by} asked to go back: ${rollback.reason}` : 'it was cancelled';
  }

  private async end(state: DeploymentState, outcome: string): Promise<DeployResult> {
    this.record = { ...this.record, state, outcome, endedAt: now() };
    await this.keep();
    const { id, model, version, target } = this.record;
    return { deployment: id, model, version, target, state, outcome };
  }

  private put(name: string, change: Partial<DeploymentStep>): void {
    const found = this.record.steps.map((step) => (step.step === name ? { ...step, ...change } : step));
    this.record = { ...this.record, steps: found };
    this.show();
  }

  private add(step: DeploymentStep): void {
    this.record = { ...this.record, steps: [...this.record.steps, step] };
    this.show();
  }

  private show(): void {
    showDetails(deploymentDetails(this.record));
  }

  private async keep(): Promise<void> {
    this.show();
    // One that is given up could be written after the next.
    await CancellationScope.nonCancellable(() => quick.keepDeployment(this.record));
  }
}

/** The new version is worse than the old one. */
class Breach extends Error {}

function now(): string {
  return new Date().toISOString();
}
