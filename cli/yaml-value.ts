import { parse } from 'yaml';
import { Failure } from '../contracts/failures';

/**
 * The value of a `key=value`, as YAML has it: `0.001`, `[8, 16]`, `adam`.
 *
 * @throws Failure `request-invalid` for what is no YAML
 */
export function yamlValue(key: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Failure(
      'request-invalid',
      `${key}: expected a value as YAML has it, such as 0.001 or [8, 16]; found ${text}. ${first}`,
      { cause: error },
    );
  }
}
