import { Failure } from '../../contracts/failures';
import { nameSchema } from '../../contracts/schemas/name';

const lookName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

export const driftPrefix = 'drift/';

/** @throws Failure `request-invalid` where it could be no model's name */
function modelPrefix(model: string): string {
  if (nameSchema.safeParse(model).success) return `${driftPrefix}${model}/`;
  throw new Failure(
    'request-invalid',
    "That is no model's name: lower-case letters, digits, - and _ were expected, at most 63.",
  );
}

/** The newest look that was no dry run, whole: what metrics and the API read. */
export function latestKey(model: string): string {
  return `${modelPrefix(model)}latest.json`;
}

/** What followed the last look after which something did, whole. */
export function latestFollowUpKey(model: string): string {
  return `${modelPrefix(model)}latest-follow-up.json`;
}

export function looksPrefix(model: string): string {
  return `${modelPrefix(model)}looks/`;
}

/** @throws Failure `request-invalid` where model or id could not be one */
export function lookPrefix(model: string, id: string): string {
  if (lookName.test(id)) return `${looksPrefix(model)}${id}/`;
  throw new Failure(
    'request-invalid',
    "That is no look's id: letters, digits, - and _ were expected, at most 128. npx drover monitor list has them.",
  );
}

export const lookKey = (model: string, id: string): string => `${lookPrefix(model, id)}look.json`;
export const reportKey = (model: string, id: string): string => `${lookPrefix(model, id)}report.html`;
export const followUpKey = (model: string, id: string): string => `${lookPrefix(model, id)}follow-up.json`;

/** The id of the look whose `look.json` a key names, or undefined. */
export function parseLookKey(key: string): string | undefined {
  return /^drift\/[^/]+\/looks\/([^/]+)\/look\.json$/.exec(key)?.[1];
}

/** The id of the look to which a key belongs, whatever of it. */
export function lookOf(key: string): string | undefined {
  return /^drift\/[^/]+\/looks\/([^/]+)\//.exec(key)?.[1];
}
