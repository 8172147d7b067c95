import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(__dirname, '..', '..');
const folder = join(root, 'monitoring');

const ruleSchema = z.union([
  z.strictObject({ record: z.string(), expr: z.string() }),
  z.strictObject({
    alert: z.string(),
    expr: z.string(),
    for: z.string().optional(),
    labels: z.strictObject({ severity: z.enum(['page', 'ticket', 'none']), room: z.string() }),
    annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
  }),
]);
export type Rule = z.infer<typeof ruleSchema>;
export type Alert = Extract<Rule, { alert: string }>;

const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })),
});

/** The rooms that have rules: `serving`, `pipeline`, … */
export function ruleRooms(): string[] {
  return readdirSync(join(folder, 'prometheus', 'rules')).map((file) => file.replace(/\.yml$/, ''));
}

export function rulesOf(room: string): Rule[] {
  const text = readFileSync(join(folder, 'prometheus', 'rules', `${room}.yml`), 'utf8');
  return rulesSchema.parse(parse(text)).groups.flatMap(({ rules }) => rules);
}

export function alertsOf(room: string): Alert[] {
  return rulesOf(room).filter((rule): rule is Alert => 'alert' in rule);
}

export function allRules(): Rule[] {
  return ruleRooms().flatMap(rulesOf);
}

const targetSchema = z.object({ expr: z.string(), refId: z.string() });
const panelSchema = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  datasource: z.object({ uid: z.string() }).optional(),
  targets: z.array(targetSchema).default([]),
});
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(panelSchema),
  annotations: z.object({ list: z.array(z.object({ expr: z.string().optional() })) }),
});
export type Dashboard = z.infer<typeof dashboardSchema>;

export function dashboards(): Map<string, Dashboard> {
  const at = join(folder, 'grafana', 'dashboards');
  return new Map(
    readdirSync(at).map((file) => [
      file,
      dashboardSchema.parse(JSON.parse(readFileSync(join(at, file), 'utf8'))),
    ]),
  );
}

/** Every expression that a dashboard asks. */
export function questionsOf({ panels, annotations }: Dashboard): string[] {
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  return [...shown, ...annotations.list.flatMap(({ expr }) => expr ?? [])];
}

export const monitoringFolder = folder;
export const runbooksFolder = join(root, 'docs', 'runbooks');
