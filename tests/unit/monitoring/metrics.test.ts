import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { activityMetrics } from '../../../activities/metrics';
import { Admission } from '../../../api/admission';
import { createDriftMetrics } from '../../../api/drift/metrics';
import { createMetrics } from '../../../api/metrics';
import { createChallengerMetrics } from '../../../api/models/challenger-metrics';
import { createSpoolMetrics } from '../../../api/spool-metrics';
import { SpoolCounts } from '../../../lib/predictions/counts';
import { quarantineMetric } from '../../../workers/telemetry';
import { foreignMetrics } from '../../support/foreign-metrics';
import { allRules, dashboards, monitoringFolder, questionsOf } from '../../support/monitoring-files';
import { metricsOf } from '../../support/promql';

/** What every instance of the API and every worker tells, and how each name ends in Prometheus' text. */
async function exported(): Promise<Set<string>> {
  const registry = new Registry();
  const nobody = { current: () => undefined, use: () => Promise.reject(new Error('Nobody is there.')) };
  createMetrics({ models: nobody, admission: new Admission(1), registry });
  createSpoolMetrics(registry, new SpoolCounts());
  createChallengerMetrics(registry, nobody);
  createDriftMetrics(registry, { read: async () => undefined, known: () => undefined });
  const api = (await registry.getMetricsAsJSON()).flatMap(({ name, type }) =>
    String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  const { trainings, epochs, speed, failures } = activityMetrics;
  const worker = [`${trainings}_total`, `${epochs}_total`, speed, `${failures}_total`, quarantineMetric];
  return new Set([...api, ...worker, ...Object.values(foreignMetrics).flat()]);
}

const recorded = allRules().flatMap((rule) => ('record' in rule ? rule.record : []));

describe('the names of metrics', () => {
  it('are read out of expressions without labels, functions and groupings', () => {
    expect(
      metricsOf(
        'sum by (job, le) (rate(a_total{b="c{", d=~"e|f"}[5m:30s])) / on (job) group_left () g_h offset 15m > 0.5',
      ),
    ).toEqual(['a_total', 'g_h']);
    expect(metricsOf('label_replace(x:y > 1, "a", "$1", "b", "(.*)") unless vector(1)')).toEqual(['x:y']);
  });

  it('that rules ask for are told by somebody', async () => {
    const told = await exported();
    for (const rule of allRules()) {
      const unknown = metricsOf(rule.expr).filter((name) => !told.has(name) && !recorded.includes(name));
      expect({ rule: 'alert' in rule ? rule.alert : rule.record, unknown }).toEqual(
        expect.objectContaining({ unknown: [] }),
      );
    }
  });

  it('that dashboards ask for are told by somebody', async () => {
    const told = await exported();
    for (const [file, dashboard] of dashboards()) {
      const asked = questionsOf(dashboard).flatMap(metricsOf);
      expect(asked.length).toBeGreaterThan(5);
      const unknown = asked.filter((name) => !told.has(name) && !recorded.includes(name));
      expect({ file, unknown }).toEqual({ file, unknown: [] });
    }
  });

  it('that others tell are named for a rule or a dashboard that asks for them', () => {
    const asked = new Set([
      ...allRules().flatMap(({ expr }) => metricsOf(expr)),
      ...[...dashboards().values()].flatMap(questionsOf).flatMap(metricsOf),
    ]);
    expect(
      Object.values(foreignMetrics)
        .flat()
        .filter((name) => !asked.has(name)),
    ).toEqual([]);
  });

  it("that are asked of Temporal's server are those that Prometheus keeps of it", () => {
    const configuration = readFileSync(join(monitoringFolder, 'prometheus', 'prometheus.yml'), 'utf8');
    const kept = new RegExp(`^(?:${/regex: (approximate.*)/.exec(configuration)?.[1] ?? ''})$`);
    expect(
      [...foreignMetrics.server, ...foreignMetrics.serverLater].filter((name) => !kept.test(name)),
    ).toEqual([]);
  });
});

describe('dashboards', () => {
  it.each([...dashboards()])(
    '%s: each panel has its place, its question and its source',
    (file, { uid, title, panels }) => {
      expect(uid).toBe(`drover-${file.replace('.json', '')}`);
      expect(title).toMatch(/^Drover: /);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const panel of panels) {
        const { x, w } = panel.gridPos;
        expect(x + w).toBeLessThanOrEqual(24);
        if (panel.type === 'row') continue;
        expect(panel.targets.length).toBeGreaterThan(0);
        expect(panel.datasource?.uid).toBe('prometheus');
        const covers = panels.filter((other) => other !== panel && overlap(panel.gridPos, other.gridPos));
        expect(covers.map((other) => `${other.title} lies over ${panel.title}`)).toEqual([]);
      }
    },
  );

  it('have the data source that is provisioned', () => {
    const source = readFileSync(
      join(monitoringFolder, 'grafana/provisioning/datasources/prometheus.yml'),
      'utf8',
    );
    expect(source).toMatch(/uid: prometheus\n/);
  });
});

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function overlap(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.w &&
    other.x < one.x + one.w &&
    one.y < other.y + other.h &&
    other.y < one.y + one.h
  );
}
