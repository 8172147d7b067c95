import { readFileSync } from 'node:fs';
import { Failure } from '../contracts/failures';
import type { Environment } from './settings';

const prefix = 'DROVER_FROM_FILE_';
/** More than any token; a folder of pictures named by mistake is not read into memory. */
const mostBytes = 64 * 1024;

/**
 * The environment with its secrets: `DROVER_FROM_FILE_KAGGLE_API_TOKEN=/run/secrets/kaggle` becomes `KAGGLE_API_TOKEN` with what that
 * file holds, without white space around it. So does an orchestrator give secrets that no list of processes and no `inspect` shows.
 * What is empty counts as not set.
 *
 * @throws Failure `configuration-invalid` for a file that can't be read, and for a variable that is set beside its file
 */
export function withSecretFiles(environment: Environment): Environment {
  const isNamed = ([variable]: readonly [string, unknown]): boolean => variable.startsWith(prefix);
  const all = Object.entries(environment);
  if (!all.some(isNamed)) return environment;
  const read = Object.fromEntries(all.filter((each) => !isNamed(each)));
  for (const [variable, file = ''] of all.filter(isNamed)) {
    if (file === '') continue;
    const name = variable.slice(prefix.length);
    if (environment[name]) {
      throw new Failure(
        'configuration-invalid',
        `Environment: ${variable} and ${name} are both set; one of them says which value counts.`,
      );
    }
    read[name] = contentOf(variable, file);
  }
  return read;
}

function contentOf(variable: string, file: string): string {
  try {
    const content = readFileSync(file);
    if (content.length <= mostBytes) return content.toString('utf8').trim();
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unreadable';
    throw new Failure(
      'configuration-invalid',
      `Environment: ${variable}: ${file} can't be read (${code}). Expected a file that this process may read, with the value in it.`,
    );
  }
  throw new Failure(
    'configuration-invalid',
    `Environment: ${variable}: ${file} has more than ${mostBytes} bytes. Expected a file with one secret in it.`,
  );
}
