import type { MemoStage } from '../../contracts/stages';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument, type Parser } from '../storage/refs';
import type { Store } from '../storage/store';

export interface MemoInputs {
  readonly stage: MemoStage;
  /** The stage's, from `stageVersions`. */
  readonly version: number;
  /** Everything that the result depends on: the inputs' refs and the configuration. */
  readonly inputs: unknown;
}

/** What stages gave before, by the digest of all that they were given. */
export interface Memo {
  /**
   * The result that was recorded, or undefined where none is, or it is not what `schema` describes: a damaged
   * memo costs time and nothing else.
   * @throws Failure `storage-unavailable`
   */
  lookUp<T>(stage: MemoStage, key: string, schema: Parser<T>): Promise<T | undefined>;
  /** Records a result, in place of what was there. It must be JSON. */
  record(stage: MemoStage, key: string, value: unknown): Promise<void>;
}

/** The key of a stage's result: the digest of the stage, its code's version and its inputs. */
export function memoKey({ stage, version, inputs }: MemoInputs): string {
  return digestOf({ stage, version, inputs });
}

function keyInStore(stage: MemoStage, key: string): string {
  return `cache/${stage}/${key}.json`;
}

export function createMemo(store: Store): Memo {
  return {
    async lookUp(stage, key, schema) {
      const place = keyInStore(stage, key);
      const found = await store.readVersioned(place);
      if (found === undefined) return undefined;
      try {
        return parseDocument(found.bytes, schema, place);
      } catch {
        return undefined;
      }
    },

    record: (stage, key, value) => store.write(keyInStore(stage, key), Buffer.from(canonicalJson(value))),
  };
}
