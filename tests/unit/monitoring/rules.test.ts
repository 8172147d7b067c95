import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, test } from '@jest/globals';
import {
  alertsOf,
  allRules,
  monitoringFolder,
  ruleRooms,
  runbooksFolder,
} from '../../support/monitoring-files';

const run = promisify(execFile);

/** Whether the program is there at all; whether it accepts what it is given is the tests' own question. */
async function has(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  );
}

const alerts = ruleRooms().flatMap((room) => alertsOf(room).map((alert) => ({ room, ...alert })));
const testsFolder = join(monitoringFolder, 'prometheus', 'tests');
const pageOf = (alert: string): string =>
  `${alert
    .replace(/^Drover/, '')
    .replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase()}.md`;

describe('each alert', () => {
  it.each(alerts)(
    '$alert has a page of its own, says what and in whose room',
    ({ alert, annotations, labels, room }) => {
      expect(alert).toMatch(/^Drover[A-Z]/);
      expect(labels.room).toBe(room);
      expect(annotations.runbook_url).toBe(`{{ $externalLabels.runbooks }}/${pageOf(alert)}`);
      const page = readFileSync(join(runbooksFolder, pageOf(alert)), 'utf8');
      expect(page).toMatch(new RegExp(`^# ${alert}\n\nSeverity \`${labels.severity}\``));
      expect(page).toContain('## Look\n');
      expect(page).toContain('## Do\n');
      expect(readFileSync(join(runbooksFolder, 'README.md'), 'utf8')).toContain(
        `[${alert}](${pageOf(alert)})`,
      );
    },
  );

  it('has a name of its own, and is seen to fire by a test', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const { alert, room } of alerts) {
      const tests = readFileSync(join(testsFolder, `${room}.yml`), 'utf8');
      const fires = new RegExp(
        `alertname="${alert}", alertstate="firing"[,}][^\\n]*\\n\\s+value: 1|alertname: ${alert}\\n\\s+exp_alerts:\\n`,
      );
      expect({ alert, fires: fires.test(tests) }).toEqual({ alert, fires: true });
    }
  });
});

it('no page is left of an alert that is no more', () => {
  const pages = readdirSync(runbooksFolder).filter((file) => file !== 'README.md');
  expect(pages.sort()).toEqual(alerts.map(({ alert }) => pageOf(alert)).sort());
});

it('every link of a runbook leads to a page that is there', () => {
  const dead = readdirSync(runbooksFolder).flatMap((file) =>
    [...readFileSync(join(runbooksFolder, file), 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(runbooksFolder, target)))
      .map((target) => `${file}: ${target}`),
  );
  expect(dead).toEqual([]);
});

it('what is recorded is asked by alerts under its name', () => {
  const recorded = allRules().flatMap((rule) => ('record' in rule ? rule.record : []));
  const asked = new Set(allRules().flatMap(({ expr }) => expr.match(/drover:[a-z0-9_:]+/g) ?? []));
  expect([...asked].sort()).toEqual(recorded.sort());
});

/** Prometheus is a Debian package; a machine without it tests the rest. */
test('promtool accepts the rules, and every alert fires where it must and is quiet where it must be', async () => {
  if (!(await has('promtool'))) {
    console.log('Skipped: there is no promtool here (Debian: apt-get install prometheus).');
    return;
  }
  const rules = ruleRooms().map((room) => join('rules', `${room}.yml`));
  const cwd = join(monitoringFolder, 'prometheus');
  await run('promtool', ['check', 'rules', ...rules], { cwd });
  await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd });
  const { stdout } = await run(
    'promtool',
    ['test', 'rules', ...ruleRooms().map((room) => join('tests', `${room}.yml`))],
    { cwd },
  );
  expect(stdout.match(/SUCCESS/g)).toHaveLength(ruleRooms().length);
});

test('amtool accepts both configurations of Alertmanager, and sends by severity', async () => {
  if (!(await has('amtool'))) {
    console.log('Skipped: there is no amtool here (Debian: apt-get install prometheus-alertmanager).');
    return;
  }
  const cwd = join(monitoringFolder, 'alertmanager');
  await run('amtool', ['check-config', 'alertmanager.yml', 'sending.yml'], { cwd });
  for (const { alert, labels } of alerts) {
    const sent = await run(
      'amtool',
      [
        'config',
        'routes',
        'test',
        '--config.file=sending.yml',
        `alertname=${alert}`,
        ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      ],
      { cwd },
    );
    expect({ alert, to: sent.stdout.trim() }).toEqual({
      alert,
      to: alert === 'DroverAlive' ? 'alive' : labels.severity,
    });
  }
});
