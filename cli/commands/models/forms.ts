import { z } from 'zod';
import { Failure } from '../../../contracts/failures';
import { refSchema } from '../../../contracts/schemas/documents';
import { exportSchema, formsSchema, type ExportRules, type Forms } from '../../../contracts/schemas/forms';
import { readJson } from '../../../lib/storage/refs';
import type { Console } from '../../display/console';
import { bytes } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { runWorkflow } from '../../temporal/run-workflow';
import { openModels, wishedVersion, type JsonFlags } from './place';

export interface FormsFlags extends JsonFlags {
  /** Names with commas between. */
  readonly forms: string;
  readonly mostLoss: string;
  readonly choose: string;
}

/** A workflow's result crosses a boundary; what this command needs of it. */
const resultSchema = z.object({ forms: refSchema<'forms'>() });

/**
 * Makes a version's forms by the workflow `forms`, and prints them side by side.
 *
 * @throws Failure `configuration-invalid`, `not-found`; as `runWorkflow`
 */
export async function modelForms(
  wished: string | undefined,
  flags: FormsFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const rules = rulesOf(flags);
  const place = openModels(flags, outside);
  const { name, version } = await wishedVersion(wished, place);
  const input = { model: name, version, export: rules };
  const wish = { type: 'forms', input, summary: `${name} version ${version}`, quiet: flags.json } as const;
  const { outcome } = await runWorkflow(wish, place.settings, out);
  if (outcome === undefined) return;
  const found = await readJson(place.store, resultSchema.parse(outcome.result).forms, formsSchema);
  if (flags.json === true) {
    out.say(JSON.stringify({ model: name, version, ...found }, null, 2));
    return;
  }
  sayForms(`${name} version ${version}`, found, out);
}

/** @throws Failure `configuration-invalid` */
function rulesOf({ forms, mostLoss, choose }: FormsFlags): ExportRules {
  const names = forms.split(',').map((name) => name.trim());
  const parsed = exportSchema.safeParse({ forms: names, most_loss: Number(mostLoss), choose });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    'configuration-invalid',
    `--${String(issue?.path[0] ?? 'forms').replace('_', '-')}: ${issue?.message ?? ''}. ` +
      '--forms takes float16 and int8, --most-loss a share such as 0.005, --choose fastest, smallest or float32.',
  );
}

function sayForms(title: string, { forms, chosen, pictures, machine }: Forms, out: Console): void {
  const { bold, dim, green } = out.colours;
  const [header = '', ...rows] = table(
    ['form', 'size', 'gzipped', 'ms a picture', 'p95', 'accuracy', 'loss', 'as float32', ''],
    forms.map((one) => [
      one.form,
      bytes(one.bytes),
      bytes(one.gzipped),
      one.latencyMs.median.toFixed(2),
      one.latencyMs.p95.toFixed(2),
      one.accuracy.toFixed(3),
      one.loss.toFixed(3),
      one.agreement.toFixed(3),
      one.kept ? one.reason : `not kept: ${one.reason}`,
    ]),
    new Set([1, 2, 3, 4, 5, 6, 7]),
  );
  out.say('');
  out.say(`${bold(title)} on ${pictures} validation pictures, one thread of ${machine}`);
  out.say(dim(header));
  rows.forEach((row, at) => out.say(forms[at]?.form === chosen ? green(row) : row));
  const asked = chosen === 'float32' ? '' : `; to serve it, set export.forms in configs/pipeline.yaml`;
  out.say(`Chosen by these rules: ${bold(chosen)}${asked}.`);
}
