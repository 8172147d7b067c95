import { Failure } from '../../contracts/failures';
import { nameSchema } from '../../contracts/schemas/pipeline';

const recordName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

function modelPrefix(name: string): string {
  if (nameSchema.safeParse(name).success) return `models/${name}/`;
  throw new Failure(
    'request-invalid',
    "That is no model's name: lower-case letters, digits, - and _ were expected, at most 63.",
  );
}

export function promotionsPrefix(model: string): string {
  return `${modelPrefix(model)}promotions/`;
}

/** @throws Failure `request-invalid` where model or id could not be one */
export function promotionKey(model: string, id: string): string {
  if (recordName.test(id)) return `${promotionsPrefix(model)}${id}.json`;
  throw new Failure(
    'request-invalid',
    "That is no promotion's id: letters, digits, - and _ were expected, at most 128.",
  );
}

/** The id of the promotion whose record a key names, or undefined. */
export function parsePromotionKey(key: string): string | undefined {
  return /^models\/[^/]+\/promotions\/([^/]+)\.json$/.exec(key)?.[1];
}

/** @param manifest - the digest of the dataset version */
export function gateUsesKey(model: string, manifest: string): string {
  return `${modelPrefix(model)}gate-uses/${manifest}.json`;
}
