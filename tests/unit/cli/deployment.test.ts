import pc from 'picocolors';
import { describe, expect, it } from '@jest/globals';
import type { DeploymentRecord, DeploymentStep } from '../../../contracts/schemas/deployment';
import { deploymentLines, planLines, stepNews } from '../../../cli/display/deployment';

const colours = pc.createColors(false);
const step = (name: string, changes: Partial<DeploymentStep> = {}): DeploymentStep => ({
  ...{ step: name, plan: `do ${name}`, state: 'waiting' },
  ...changes,
});
const record = (steps: DeploymentStep[], changes: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  ...{ id: '1', model: 'animals', version: 3, digest: '0'.repeat(64), target: 'cloud-run', place: 'pets' },
  ...{ before: 'revision pets-2', state: 'running', by: 'Ada', workflow: 'deploy-animals' },
  ...{ startedAt: '2026-11-25T19:00:00.000Z', steps },
  ...changes,
});
const begun = { state: 'running', startedAt: '2026-11-25T19:00:00.000Z' } as const;

describe('news of a deployment', () => {
  it('says once that a step begins, what each look has found, and how it ends', () => {
    const seen = [
      undefined,
      record([step('prepare')]),
      record([step('prepare', begun)]),
      record([step('prepare', begun)]),
      record([step('prepare', { ...begun, note: '10 requests' })]),
      record([step('prepare', { ...begun, state: 'done', note: 'ready' })]),
    ];
    const news = seen.slice(1).map((after, at) => (after ? stepNews(seen[at], after) : []));
    expect(news).toEqual([[], ['prepare: do prepare'], [], ['prepare: 10 requests'], ['prepare: ready']]);
  });

  it('leaves out no step that begins and ends between two looks', () => {
    const after = record([step('smoke', { ...begun, state: 'failed', note: 'it answers 500' })]);
    expect(stepNews(record([step('smoke')]), after)).toEqual([
      'smoke: do smoke',
      'smoke: failed: it answers 500',
    ]);
  });
});

describe('a deployment for a terminal', () => {
  it('is a plan that says it changed nothing', () => {
    const lines = planLines(record([step('prepare'), step('smoke')], { state: 'planned' }), colours).join(
      '\n',
    );
    expect(lines).toMatch(/1\. prepare +do prepare\n 2\. smoke +do smoke/);
    expect(lines).toMatch(/Nothing was changed\./);
  });

  it('has the end, why, and the figures of each step beside the old version’s', () => {
    const figures = { new: { requests: 2000, errors: 160, p50Ms: 20, p95Ms: 40 }, looks: 1 };
    const old = { requests: 1800, errors: 6, p50Ms: 20, p95Ms: null };
    const lines = deploymentLines(
      record(
        [
          step('10 %', {
            ...begun,
            state: 'failed',
            endedAt: '2026-11-25T19:00:04.000Z',
            figures: { ...figures, old },
          }),
        ],
        {
          state: 'went-back',
          outcome: '160 of 2000 failed',
        },
      ),
      colours,
    ).join('\n');
    expect(lines).toMatch(/animals version 3 went back\nbecause +160 of 2000 failed/);
    expect(lines).toMatch(/10 % +failed +19:00:00 +4 s +160 of 2000 +40 ms +6 of 1800 +–/);
  });
});
