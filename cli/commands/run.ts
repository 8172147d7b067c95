import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../contracts/failures';
import type { Console } from '../display/console';
import { resultLines } from '../display/result';
import { missingSource } from '../missing-source';
import { modelName, nameChange } from '../model-name';
import { type Outside, type SettingFlags, environmentWith, settingsOf } from '../settings';
import { readTyped, startInput } from '../start-input';
import { workflowType } from '../temporal/preflight';
import { runWorkflow } from '../temporal/run-workflow';

export interface RunFlags extends SettingFlags {
  readonly id?: string;
  readonly input?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Starts one workflow after asking whether anybody would work on it, shows it, and prints its result. */
export async function run(
  given: string,
  words: readonly string[],
  flags: RunFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const type = workflowType(given);
  const settings = settingsOf(flags, outside);
  const typed = readTyped(words);
  const model = await modelName(settings, environmentWith(flags, outside.environment), typed.overrides);
  await requireConfig(typed.config, settings.project);
  const named =
    type === 'pipeline' && typed.config === undefined
      ? { overrides: [...typed.overrides, ...(await nameChange(settings, model, typed.overrides))] }
      : typed;
  const input = flags.input === undefined ? startInput(type, named, model) : parseInput(flags.input, words);
  const wish = { type, input, id: flags.id, summary: [type, ...words].join(' '), detach: flags.detach };
  const { outcome, ...started } = await runWorkflow({ ...wish, quiet: flags.json }, settings, out).catch(
    async (error: unknown) => {
      throw (await missingSource(error, typed.overrides, settings.project)) ?? error;
    },
  );
  if (outcome === undefined) {
    if (flags.json === true) out.say(JSON.stringify(started));
  } else if (flags.json === true) {
    out.say(JSON.stringify(outcome.result ?? null, null, 2));
  } else {
    ['', ...resultLines(type, outcome.result, out.colours)].forEach((line) => out.say(line));
  }
}

/** A file that isn't there is said before anything is started; a URI is the workers' to look at. */
async function requireConfig(config: string | undefined, folder: string): Promise<void> {
  if (config === undefined || config.includes('://')) return;
  try {
    await access(resolve(folder, config));
  } catch {
    throw new Failure(
      'not-found',
      `There is no file ${config} in ${folder}. A change is written as key=value.`,
    );
  }
}

function parseInput(json: string, words: readonly string[]): unknown {
  if (words.length > 0)
    throw new Failure('start-refused', '--input is the whole input; give nothing beside it.');
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Failure('start-refused', '--input is not JSON. Expected such as \'{"run_cap": 4}\'.', {
      cause: error,
    });
  }
}
