import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { addresses } from '../../../cli/settings';
import { readSettings } from '../../../contracts/schemas/settings';

const root = join(__dirname, '..', '..', '..');
const folder = join(root, '.github', 'workflows');
const example = join(root, 'docs', 'examples', 'on-new-champion.yml');
const files = [...readdirSync(folder).map((name) => join(folder, name)), example];

const stepSchema = z.looseObject({ uses: z.string().optional(), run: z.string().optional() });
const jobSchema = z.looseObject({
  uses: z.string().optional(),
  'timeout-minutes': z.number().optional(),
  permissions: z.unknown().optional(),
  steps: z.array(stepSchema).default([]),
});
const workflowSchema = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  concurrency: z.looseObject({ group: z.string() }),
  jobs: z.record(z.string(), jobSchema),
});

const actionlint = spawnSync('actionlint', ['-version'], { stdio: 'ignore' }).status === 0;
const ifThere = actionlint ? it : it.skip;

describe('the GitHub workflows', () => {
  ifThere(
    actionlint ? 'are found faultless by actionlint' : 'are read by actionlint (skipped: there is none here)',
    () => {
      const { status, stdout } = spawnSync('actionlint', ['-color=false', ...files], { encoding: 'utf8' });
      expect(stdout).toBe('');
      expect(status).toBe(0);
    },
  );

  it.each(files)('%s: reads alone by default, and every job ends, whatever hangs', (file) => {
    const workflow = workflowSchema.parse(parse(readFileSync(file, 'utf8')));
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const bounded = job.uses !== undefined || job['timeout-minutes'] !== undefined;
      expect({ name, bounded }).toEqual({ name, bounded: true });
      expect(job.permissions).not.toBe('write-all');
    }
  });

  it.each(files)('%s: every action is pinned to a commit, with its version beside', (file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const line of lines.filter((each) => /^\s*(- )?uses:/.test(each))) {
      if (line.includes('uses: ./')) continue;
      expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(files)('%s: nothing that others write is put into a script', (file) => {
    const { jobs } = workflowSchema.parse(parse(readFileSync(file, 'utf8')));
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  it('wait for what was started by asking it, not by what it says for people', () => {
    const { jobs } = workflowSchema.parse(parse(readFileSync(join(folder, 'data-changed.yml'), 'utf8')));
    const starts = Object.values(jobs)
      .flatMap(({ steps }) => steps.map(({ run = '' }) => run))
      .filter((run) => run.includes('drover start'));
    const { api } = addresses(readSettings({}, root));
    expect(starts).toHaveLength(1);
    expect(starts[0]).toContain(`${api}/healthz `);
    expect(starts[0]).not.toContain('grep');
  });
});

const images = ['api', 'worker', 'gpu-worker', 'trainer'];

it.each(images)(
  'the image %s has a base that Dependabot sees, and another where one is asked for',
  (image) => {
    const text = readFileSync(join(root, 'dockerfiles', `${image}.Dockerfile`), 'utf8');
    expect(text.match(/^(ARG BASE_IMAGE|FROM).*/gm)).toEqual([
      ...[
        'ARG BASE_IMAGE=base',
        expect.stringMatching(/^FROM node:[\d.]+-bookworm-slim@sha256:[0-9a-f]{64} AS base$/),
      ],
      ...['FROM ${BASE_IMAGE} AS build', 'FROM ${BASE_IMAGE} AS packages', 'FROM ${BASE_IMAGE}'],
    ]);
  },
);

describe('the files of Cloud Build', () => {
  const builds = readdirSync(join(root, 'cloudbuild')).map((name) => join(root, 'cloudbuild', name));
  const own = new Set(['PROJECT_ID', 'BUILD_ID', 'LOCATION']);

  it.each(builds)('%s: names only substitutions that it defines, and all of them', (file) => {
    const text = readFileSync(file, 'utf8');
    const { substitutions } = z
      .looseObject({ substitutions: z.record(z.string(), z.string()) })
      .parse(parse(text));
    const named = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(([, name = '']) => name));
    expect([...named].filter((name) => !own.has(name)).sort()).toEqual(Object.keys(substitutions).sort());
  });

  it('build what is there to be built', () => {
    for (const image of images)
      expect(existsSync(join(root, 'dockerfiles', `${image}.Dockerfile`))).toBe(true);
  });
});
