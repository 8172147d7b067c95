import type { WorkflowHandle } from '@temporalio/client';
import type { Activities } from '../../activities';
import type { LookPlan } from '../../activities/monitor';
import { askWorkflow } from '../../cli/temporal/ask-workflow';
import { type MonitorCooldown, retrainMessages } from '../../contracts/monitor';
import type { RegistryEvent } from '../../contracts/schemas/webhooks';
import { type DriftFindings, driftSettingsSchema } from '../../contracts/schemas/drift';
import type { BreachPolicy, FollowUp, Look, LookVerdict } from '../../contracts/schemas/monitor';
import { fakeActivities } from './fake-activities';

/** A look as the activity gives it. */
export function lookOf(plan: Partial<LookPlan> & Pick<Look, 'verdict'>): Look {
  return {
    ...{ id: 'look', model: 'animals', version: plan.version ?? 2, digest: '0'.repeat(64) },
    ...{ at: '2026-01-02T03:04:05.000Z', workflow: 'monitor-animals', dryRun: plan.dryRun ?? false },
    policy: plan.policy ?? 'alert',
    window: {
      ...{ since: '2026-01-01T03:04:05.000Z', until: '2026-01-02T03:04:05.000Z' },
      ...{
        predictions: 500,
        others: 0,
        repeated: 0,
        compared: 500,
        withoutPicture: 0,
        unreadable: 0,
        labelled: 0,
      },
    },
    reference: { key: 'models/animals/versions/2/drift/0.bin', pictures: 1000 },
    verdict: plan.verdict,
    reason: 'because',
    findings: findingsOf(plan.verdict),
    report: 'store://drift/animals/looks/look/report.html',
    ...(plan.id !== undefined && { id: plan.id }),
  };
}

/** One check that says what the window does, and one that is quiet. */
function findingsOf(verdict: LookVerdict): DriftFindings {
  const counts = { reference: 1000, window: 500 };
  const check = {
    ...{ kind: 'pictures' as const, measure: 'KS', interval: null, counts, needed: null, why: 'It fell.' },
    ...{ threshold: 0.001, effect: { measure: 'PSI', value: 0.4 } },
  };
  return {
    ...{ verdict, reason: 'because', falseAlarm: 0.02, counts, needed: null, permutations: 1999, seed: 1 },
    checks:
      verdict === 'too-few'
        ? []
        : [
            {
              ...{ ...check, id: 'brightness', name: 'brightness', verdict, statistic: 0.3 },
              ...(verdict === 'drift' ? { p: 1e-9, adjusted: 2e-9 } : { p: 0.5, adjusted: 1 }),
            },
            { ...check, id: 'size', name: 'size', verdict: 'quiet', statistic: 0.03, p: 0.7, adjusted: 1 },
          ],
  };
}

/** Activities whose look comes to a verdict, with what was kept and told. */
export function drifting(
  {
    verdict = 'drift',
    policy = 'alert',
    version = 2,
    cooldown,
  }: { verdict?: LookVerdict; policy?: BreachPolicy; version?: number; cooldown?: MonitorCooldown },
  changes: Partial<Activities> = {},
) {
  const kept: FollowUp[] = [];
  const told: RegistryEvent[] = [];
  const activities = fakeActivities({
    planLook: async (given, of) => ({
      ...of,
      ...{ model: 'animals', version, policy, dryRun: isDryRun(given) },
      ...{ since: '2026-01-01T03:04:05.000Z', until: '2026-01-02T03:04:05.000Z' },
      ...{ most: 1000, reference: 1000, pictures: 24, keep: 100, drift: driftSettingsSchema.parse({}) },
      approval: { deadline: '3d', reminder: '1d' },
      cooldown: '7d',
      retrain: { overrides: ['sweep.run_cap=2'] },
    }),
    cooldownOf: async () => cooldown,
    lookForDrift: async (wish) => lookOf({ ...wish, verdict }),
    keepFollowUp: async (record) => void kept.push(record),
    webhooksFor: async (event) => {
      // The event is the workflow's own.
      told.push(event as RegistryEvent);
      return [];
    },
    ...changes,
  });
  return { activities, kept, told };
}

/** Until a retraining takes decisions, which is some milliseconds after it says that it waits. */
export async function untilAsked(handle: WorkflowHandle): Promise<void> {
  for (;;) {
    const view = await askWorkflow<FollowUp>(handle, retrainMessages.view).catch(() => undefined);
    if (view?.state === 'waiting' && view.deadline !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isDryRun(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'dryRun' in given && given.dryRun === true;
}
