import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { queryNames } from '../../contracts/messages';
import type { WorkflowType } from '../../contracts/names';
import type {
  ActivityProgress,
  Leaderboard,
  PipelineProgress,
  StageProgress,
} from '../../contracts/progress';
import { encodedFailureSchema } from '../../contracts/schemas/codec';
import { activityProgressSchema } from '../../contracts/schemas/progress';
import type { Amount } from '../display/bar';
import { shellWord } from '../display/format';
import { Rates } from '../display/rate';
import type { StageView, WorkflowView } from '../display/view';
import { askWorkflow } from './ask-workflow';
import { openPayloads } from './open-payloads';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const { PENDING_ACTIVITY_STATE_STARTED } = temporal.api.enums.v1.PendingActivityState;

/** Milliseconds that one look may wait for a worker's answer. */
const queryPatience = 4000;
/** What Temporal's worker fails an activity with that hadn't ended when the worker had to. */
const workerShutdown = 'WorkerShutdown';
/** Milliseconds without an answer before that is said. */
const silence = 5000;

/**
 * What a workflow shows now, from its queries and from the heartbeats of its pending activities. Whatever
 * doesn't answer (a worker that restarts) leaves the last view standing, with a word about it; so does an
 * activity that fails and is tried again.
 */
export class ProgressReader {
  private readonly rates = new Rates();
  private unanswered: number | undefined;
  private readonly since = new Map<string, number>();
  /** What failed and is tried again, as seen in the look under way. */
  private troubles: string[] = [];

  constructor(
    private readonly client: Client,
    private readonly workflowId: string,
    private readonly type: WorkflowType,
  ) {}

  async read(previous: WorkflowView, now: number): Promise<WorkflowView> {
    try {
      this.troubles = [];
      const { trouble: _, ...view } = await this.look(previous, now);
      this.unanswered = undefined;
      const [trouble] = this.troubles.sort();
      return trouble === undefined ? view : { ...view, trouble };
    } catch (error) {
      // A workflow that has just been started answers nothing yet, and a busy worker is late now and then.
      this.unanswered ??= now;
      if (now - this.unanswered < silence) return previous;
      if (error instanceof QueryNotRegisteredError) {
        return { ...previous, trouble: 'Its pictures are being prepared; there is no more to show yet.' };
      }
      return { ...previous, trouble: 'No answer right now; the work goes on when the workers are back.' };
    }
  }

  private async look(previous: WorkflowView, now: number): Promise<WorkflowView> {
    switch (this.type) {
      case 'pipeline':
        return await this.pipeline(previous, now);
      case 'sweep':
        return { ...previous, ...(await this.board(this.workflowId)) };
      case 'ingest':
      case 'preprocess': {
        // Its activities are many, and one bar is theirs.
        const found = await this.amount(this.type, this.workflowId, now);
        return { ...previous, activities: found ? [{ name: this.type, ...found }] : [] };
      }
      default:
        return { ...previous, activities: await this.activities(now) };
    }
  }

  private async pipeline(previous: WorkflowView, now: number): Promise<WorkflowView> {
    const progress = await this.query<PipelineProgress>(this.workflowId, queryNames.progress);
    const sweep = progress.stages.find((stage) => stage.stage === 'sweep');
    const [stages, board] = await Promise.all([
      Promise.all(progress.stages.map((stage) => this.stage(stage, now))),
      this.sweepOf(sweep, previous),
      // Its own activities are short; they show only where one of them fails.
      this.pending(this.workflowId),
    ]);
    return { ...previous, stages, ...board };
  }

  private async stage(stage: StageProgress, now: number): Promise<StageView> {
    const { stage: name, state, note, workflowId } = stage;
    const view: StageView = { stage: name, state, ...(note === undefined ? {} : { note }) };
    if (state !== 'running') return view;
    const since = this.since.get(name) ?? now;
    this.since.set(name, since);
    const running = { ...view, elapsed: now - since };
    if (workflowId === undefined || name === 'sweep') return running;
    // A stage that has just started may not be there yet, and not every stage has long activities.
    const found = await this.amount(name, workflowId, now).catch(() => undefined);
    if (!found) return running;
    return { ...running, amount: found.amount, ...(found.note === undefined ? {} : { note: found.note }) };
  }

  /** What the workflow counts as complete, and what its pending activities add to that. */
  private async amount(
    name: string,
    workflowId: string,
    now: number,
  ): Promise<{ amount: Amount; note?: string } | undefined> {
    const pending = progressOf(await this.pending(workflowId));
    const complete = activityProgressSchema.safeParse(
      await this.query(workflowId, queryNames.progress).catch(() => undefined),
    );
    const base: ActivityProgress | undefined = complete.success ? complete.data : undefined;
    const isCounted = base !== undefined && base.total > 0;
    const first = isCounted ? base : (pending[0] ?? base);
    if (!first) return undefined;
    const total = isCounted ? base.total : pending.reduce((sum, activity) => sum + activity.total, 0);
    const sum = pending.reduce((sum, activity) => sum + activity.done, base?.done ?? 0);
    const done = total > 0 ? Math.min(total, sum) : sum;
    const note = pending.map((activity) => activity.note).find((text) => text !== undefined) ?? base?.note;
    return {
      amount: this.withRate(`stage ${name}`, { done, total, unit: first.unit }, now),
      ...(note === undefined ? {} : { note }),
    };
  }

  private async sweepOf(
    sweep: StageProgress | undefined,
    previous: WorkflowView,
  ): Promise<Pick<WorkflowView, 'leaderboard' | 'trials'>> {
    const kept = previous.leaderboard ? { leaderboard: previous.leaderboard, trials: {} } : { trials: {} };
    if (sweep?.workflowId === undefined) return kept;
    const final = previous.leaderboard?.running === 0;
    if (sweep.state !== 'running' && (sweep.state !== 'done' || final)) return kept;
    return this.board(sweep.workflowId).catch(() => kept);
  }

  private async board(
    workflowId: string,
  ): Promise<Pick<WorkflowView, 'trials'> & { leaderboard: Leaderboard }> {
    const [leaderboard] = await Promise.all([
      this.query<Leaderboard>(workflowId, queryNames.leaderboard),
      this.pending(workflowId),
    ]);
    const running = leaderboard.rows.filter((row) => row.state === 'running');
    const trials = await Promise.all(
      running.map(async (row) => {
        const pending = await this.pending(row.workflowId).catch(() => []);
        return [row.trial, progressOf(pending)[0]] as const;
      }),
    );
    return {
      leaderboard,
      trials: Object.fromEntries(
        trials.flatMap(([trial, progress]) => (progress ? [[trial, progress]] : [])),
      ),
    };
  }

  private async activities(now: number): Promise<WorkflowView['activities']> {
    const pending = await this.pending(this.workflowId);
    return pending.map((activity) => {
      const name = activity.activityType?.name ?? 'activity';
      const progress = heartbeatOf(activity);
      if (!progress) return { name };
      const { done, total, unit, note, training } = progress;
      const counted = { done, total, unit, ...(training && { timed: true }) };
      const amount = this.withRate(`activity ${activity.activityId ?? name}`, counted, now);
      return { name, amount, ...(note === undefined ? {} : { note }) };
    });
  }

  private withRate(name: string, amount: Amount, now: number): Amount {
    const rate = this.rates.add(name, now, amount.done);
    return rate === undefined ? amount : { ...amount, rate };
  }

  private async pending(workflowId: string): Promise<readonly Pending[]> {
    return this.patiently(async () => {
      const { raw } = await this.client.workflow.getHandle(workflowId).describe();
      const pending = await Promise.all((raw.pendingActivities ?? []).map((each) => this.opened(each)));
      this.troubles.push(...pending.flatMap((activity) => troubleOf(activity, workflowId) ?? []));
      return pending;
    });
  }

  /** Its heartbeat and the message of its last failure as they were before they were encrypted. */
  private async opened(activity: Pending): Promise<Pending> {
    const heartbeat = await openPayloads(this.client, activity.heartbeatDetails?.payloads ?? []);
    const { lastFailure } = activity;
    const attributes = lastFailure?.encodedAttributes;
    const [said] = attributes ? await openPayloads(this.client, [attributes]) : [];
    const { message } = said ? encodedFailureSchema.parse(defaultPayloadConverter.fromPayload(said)) : {};
    return {
      ...activity,
      heartbeatDetails: { payloads: heartbeat },
      ...(message !== undefined && { lastFailure: { ...lastFailure, message } }),
    };
  }

  private async query<T>(workflowId: string, name: string): Promise<T> {
    return askWorkflow(this.client.workflow.getHandle(workflowId), name);
  }

  private patiently<T>(ask: () => Promise<T>): Promise<T> {
    return this.client.withDeadline(Date.now() + queryPatience, ask);
  }
}

/** What an activity said in its last heartbeat, where it is something that can be shown. */
export function heartbeatOf(activity: Pending): ActivityProgress | undefined {
  for (const payload of activity.heartbeatDetails?.payloads ?? []) {
    const parsed = activityProgressSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/**
 * `trainRun failed and is tried again (attempt 3): The store did not answer: …`, on one line; or that somebody paused it, or that
 * it waits for its worker. What an attempt ends with because of a pause, a reset or its worker's end is no trouble.
 */
export function troubleOf(
  { activityType, activityId, attempt, lastFailure, paused, state }: Pending,
  workflowId: string,
): string | undefined {
  const name = activityType?.name ?? 'An activity';
  if (paused === true) {
    const which = `--workflow-id ${shellWord(workflowId)} --activity-id ${shellWord(activityId ?? '')}`;
    return `${name} is paused. It goes on after: npx temporal activity unpause ${which}`;
  }
  if (lastFailure?.applicationFailureInfo?.type === workerShutdown) {
    return state === PENDING_ACTIVITY_STATE_STARTED ? undefined : `${name} goes on after the restart.`;
  }
  const message = lastFailure?.message?.split('\n')[0];
  if (message === undefined || message === '' || isInterruption(lastFailure)) return undefined;
  return `${name} failed and is tried again (attempt ${attempt ?? 1}): ${message}`;
}

function isInterruption(failure: Pending['lastFailure']): boolean {
  const type = failure?.applicationFailureInfo?.type ?? '';
  return ['ActivityPause', 'ActivityReset'].includes(type) || failure?.canceledFailureInfo != null;
}

function progressOf(pending: readonly Pending[]): ActivityProgress[] {
  return pending.flatMap((activity) => {
    const progress = heartbeatOf(activity);
    return progress ? [progress] : [];
  });
}
