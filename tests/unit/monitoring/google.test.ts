import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { monitoringFolder, ruleRooms, rulesOf, runbooksFolder } from '../../support/monitoring-files';

const folder = join(monitoringFolder, 'google');
const managed = join(folder, 'managed-prometheus');
const chart = join(__dirname, '..', '..', '..', 'charts', 'drover');

const monitoringSchema = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    endpoints: z.array(z.object({ metricRelabeling: z.array(z.object({ regex: z.string() })).default([]) })),
  }),
});
const monitored = (file: string) =>
  parseAllDocuments(readFileSync(join(managed, file), 'utf8')).map((document) =>
    monitoringSchema.parse(document.toJS()),
  );
const temporal = monitored('temporal/pod-monitoring.yaml');

/** What only Temporal's server tells: it may be in another namespace, or not in the cluster at all. */
const toldByServer = temporal
  .flatMap(({ spec }) => spec.endpoints.flatMap(({ metricRelabeling }) => metricRelabeling))
  .map(({ regex }) => regex);
const asksServer = new RegExp(`\\b(${['up\\{job="temporal"', ...toldByServer].join('|')})`);

/** A room's rules that ask Temporal's server, or those that don't, as a group; none where there are none. */
function groupsOf(room: string, ofServer: boolean) {
  const rules = rulesOf(room).filter(({ expr }) => asksServer.test(expr) === ofServer);
  return rules.length === 0 ? [] : [{ name: `drover-${room}`, interval: '30s', rules }];
}

/** Nobody is alerted of Prometheus' and Alertmanager's own state there: Google runs them. */
const rooms = ruleRooms().filter((room) => room !== 'monitoring');

/** Rules as Google's operator takes them: those of a room for its namespace, `temporal` for the whole cluster. */
function managedRules(name: string): string {
  const cluster = name === 'temporal';
  const rules = {
    apiVersion: 'monitoring.googleapis.com/v1',
    ...{ kind: cluster ? 'ClusterRules' : 'Rules', metadata: { name: `drover-${name}` } },
    spec: { groups: (cluster ? rooms : [name]).flatMap((room) => groupsOf(room, cluster)) },
  };
  return `# Made from monitoring/prometheus/rules/${cluster ? '*' : name}.yml: UPDATE_GOOGLE_RULES=1 npx jest tests/unit/monitoring/google.test.ts\n${stringify(rules, { lineWidth: 0 })}`;
}

test.each([...rooms, 'temporal'])('Managed Prometheus has the rules of %s as Prometheus has them', (name) => {
  const file = join(managed, name === 'temporal' ? 'temporal/rules.yaml' : `rules-${name}.yaml`);
  const wanted = managedRules(name);
  if (process.env['UPDATE_GOOGLE_RULES']) writeFileSync(file, wanted);
  expect(parse(readFileSync(file, 'utf8'))).toEqual(parse(wanted));
});

test('only what asks Temporal lies apart, for it is to see the whole cluster', () => {
  const apart = rooms.flatMap((room) => groupsOf(room, true)).flatMap(({ rules }) => rules);
  expect(apart.map((rule) => ('alert' in rule ? rule.alert : rule.record))).toEqual([
    ...['DroverQueueWaits', 'DroverTemporalDown', 'DroverTemporalDatabaseFails', 'DroverQueueNotPolled'],
  ]);
  expect(temporal.map(({ kind }) => kind)).toEqual(['ClusterPodMonitoring']);
});

test('pods are asked under the jobs that rules know, by the labels that the chart gives them', () => {
  const asked = [...monitored('pod-monitoring.yaml'), ...temporal];
  expect(asked.map(({ metadata }) => metadata.name)).toEqual([
    ...['drover-api', 'drover-worker', 'drover-gpu-worker', 'temporal'],
  ]);
  const { workers } = z
    .looseObject({ workers: z.record(z.string(), z.unknown()) })
    .parse(parse(readFileSync(join(chart, 'values.yaml'), 'utf8')));
  const components = ['api.yaml', 'workers.yaml'].flatMap((file) => {
    const template = readFileSync(join(chart, 'templates', file), 'utf8');
    const label = /kind: Deployment[^]*?app\.kubernetes\.io\/component: (.+)/.exec(template)?.[1] ?? '';
    return label.includes('$kind')
      ? Object.keys(workers).map((kind) => label.replace('{{ $kind }}', kind))
      : label;
  });
  expect(asked.slice(0, -1).map(({ spec }) => spec.selector.matchLabels)).toEqual(
    components.map((component) => ({
      'app.kubernetes.io/name': 'drover',
      'app.kubernetes.io/component': component,
    })),
  );
});

const policySchema = z.strictObject({
  displayName: z.string().regex(/^Drover: /),
  userLabels: z.record(z.string(), z.string()),
  severity: z.enum(['CRITICAL', 'ERROR', 'WARNING']),
  documentation: z.strictObject({ mimeType: z.literal('text/markdown'), content: z.string() }),
  combiner: z.literal('OR'),
  conditions: z
    .array(
      z.strictObject({
        displayName: z.string(),
        conditionPrometheusQueryLanguage: z.strictObject({
          query: z.string(),
          duration: z.string().regex(/^\d+s$/),
          evaluationInterval: z.literal('60s'),
        }),
      }),
    )
    .length(1),
  alertStrategy: z.strictObject({ autoClose: z.string() }),
});

describe('policies of Cloud Monitoring', () => {
  const files = readdirSync(join(folder, 'policies'));

  it.each(files)('%s asks figures of Cloud Run, and names a page', (file) => {
    const policy = policySchema.parse(JSON.parse(readFileSync(join(folder, 'policies', file), 'utf8')));
    const page = /Runbook: docs\/runbooks\/(\S+)$/.exec(policy.documentation.content)?.[1] ?? '';
    expect(existsSync(join(runbooksFolder, page))).toBe(true);
    const { query } = policy.conditions[0]?.conditionPrometheusQueryLanguage ?? { query: '' };
    expect(query).toMatch(/run_googleapis_com:\w+\{monitored_resource="cloud_run_(revision|job)"/);
  });

  const script = join(folder, 'apply-policies.sh');

  it('can be tried without Google, and name what would be made', () => {
    const said = execFileSync('sh', [script, '--dry-run', 'my-project', 'drover-api'], { encoding: 'utf8' });
    expect(said.trim().split('\n')).toHaveLength(files.length);
    expect(said).toContain('would make or update "Drover: requests fail" in my-project\n');
  });

  it('are refused for a name that would change more than a name', () => {
    expect(() => execFileSync('sh', [script, '--dry-run', 'my-project', 'a/b;c'], { stdio: 'pipe' })).toThrow(
      'expected lower case letters, digits and dashes',
    );
  });
});
