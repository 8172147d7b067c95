import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { earlyTerminateSchema } from '../../../../contracts/schemas/early-terminate';
import { ashaRungs, nextAshaJob, type AshaTrial } from '../../../../lib/search/stopping/asha';
import type { Curve } from '../../../../lib/search/stopping/curve';
import { stopDecision } from '../../../../lib/search/stopping/stop-decision';

/** tests/fixtures/stopping/README.md says what these are, and how they were made. */
const goal = z.enum(['minimize', 'maximize']);
const step = z.union([
  z.tuple([z.literal('start'), z.int(), z.int()]),
  z.tuple([z.literal('promote'), z.int(), z.int(), z.int()]),
  z.tuple([z.literal('done'), z.int(), z.number()]),
]);
const recorded = z
  .object({
    streams: z.array(
      z.object({
        rule: earlyTerminateSchema,
        goal,
        epochs: z.int(),
        events: z.array(z.tuple([z.int(), z.number()]).rest(z.int())),
      }),
    ),
    promotions: z.array(
      z.object({
        rule: earlyTerminateSchema,
        goal,
        rungs: z.array(z.int()),
        steps: z.array(step),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(__dirname, '../../../fixtures/stopping/stopping.json'), 'utf8')));

describe("W&B's sweeps and Optuna's median pruner, on recorded streams,", () => {
  it.each(recorded.streams)(
    'stop the same trials at the same time: $goal by $rule',
    ({ rule, goal, epochs, events }) => {
      if (rule.type === 'asha') throw new Error('not a rule that stops');
      const curves = new Map<number, Curve>();
      const put = (curve: Curve) => curves.set(curve.trial, curve);
      let stops = 0;
      for (const [at, [trial, value, ...expected]] of events.entries()) {
        put({ trial, values: [...(curves.get(trial)?.values ?? []), value], state: 'running' });
        const asked = rule.type === 'median' ? [trial] : [...curves.keys()];
        const stopped = asked.filter((one) => stopDecision(rule, goal, [...curves.values()], one).stop);
        expect({ at, stopped: stopped.sort((one, other) => one - other) }).toEqual({ at, stopped: expected });
        for (const one of stopped) put({ ...curves.get(one)!, state: 'stopped' });
        stops += stopped.length;
        const curve = curves.get(trial)!;
        if (curve.state === 'running' && curve.values.length === epochs) put({ ...curve, state: 'finished' });
      }
      expect(stops).toBeGreaterThan(5);
    },
  );
});

describe("Syne Tune's promotion of ASHA's trials", () => {
  it.each(recorded.promotions)(
    'gives free slots the same work: $goal over $rungs',
    ({ rule: settings, goal, rungs, steps }) => {
      if (settings.type !== 'asha' || settings.max_epochs === undefined) throw new Error('not complete');
      const rule = { ...settings, max_epochs: settings.max_epochs };
      expect(ashaRungs(rule)).toEqual(rungs);
      const trials = new Map<number, AshaTrial>();
      let promotions = 0;
      for (const [at, [kind, trial, ...rest]] of steps.entries()) {
        if (kind === 'done') {
          const values = [...trials.get(trial)!.values, rest[0]];
          trials.set(trial, { trial, values, state: values.length === rungs.length ? 'finished' : 'paused' });
          continue;
        }
        const job = nextAshaJob(rule, goal, [...trials.values()]);
        if (kind === 'start') {
          expect({ at, job }).toEqual({ at, job: { kind, rung: 0, to: rest[0] } });
          trials.set(trial, { trial, values: [], state: 'running' });
        } else {
          const [from, to] = rest;
          expect({ at, job }).toEqual({ at, job: { kind, trial, rung: rungs.indexOf(to!), from, to } });
          trials.set(trial, { ...trials.get(trial)!, state: 'running' });
          promotions += 1;
        }
      }
      expect(promotions).toBeGreaterThan(20);
    },
  );
});
