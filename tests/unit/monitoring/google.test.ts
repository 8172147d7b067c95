import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { monitoringFolder, ruleRooms, runbooksFolder } from '../../support/monitoring-files';

const folder = join(monitoringFolder, 'google');
const groupsSchema = z.strictObject({ groups: z.array(z.looseObject({ name: z.string() })) });

/** The rules as Google's operator takes them. */
function managedRules(room: string): string {
  const text = readFileSync(join(monitoringFolder, 'prometheus', 'rules', `${room}.yml`), 'utf8');
  const { groups } = groupsSchema.parse(parse(text));
  const rules = {
    apiVersion: 'monitoring.googleapis.com/v1',
    kind: 'Rules',
    metadata: { name: `drover-${room}` },
    spec: { groups: groups.map(({ name, ...rest }) => ({ name, interval: '30s', ...rest })) },
  };
  return `# Made from monitoring/prometheus/rules/${room}.yml: UPDATE_GOOGLE_RULES=1 npx jest tests/unit/monitoring/google.test.ts\n${stringify(rules, { lineWidth: 0 })}`;
}

/** Nobody is alerted of Prometheus' and Alertmanager's own state there: Google runs them. */
const rooms = ruleRooms().filter((room) => room !== 'monitoring');

test.each(rooms)('Managed Prometheus has the rules of %s as Prometheus has them', (room) => {
  const file = join(folder, 'managed-prometheus', `rules-${room}.yaml`);
  const wanted = managedRules(room);
  if (process.env['UPDATE_GOOGLE_RULES']) writeFileSync(file, wanted);
  expect(parse(readFileSync(file, 'utf8'))).toEqual(parse(wanted));
});

test('pods are asked under the jobs that rules know', () => {
  const text = readFileSync(join(folder, 'managed-prometheus', 'pod-monitoring.yaml'), 'utf8');
  const schema = z.object({ kind: z.literal('PodMonitoring'), metadata: z.object({ name: z.string() }) });
  const names = parseAllDocuments(text).map((document) => schema.parse(document.toJS()).metadata.name);
  expect(names).toEqual(['drover-api', 'drover-worker', 'drover-gpu-worker', 'temporal']);
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
