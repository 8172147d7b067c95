/** Stands for the administration's own origin; nothing is asked of it. */
const own = 'http://administration.invalid';

/** An address that leaves no origin: `//host`, and `/\host` to browsers, name another. */
const relative = /^\/(?![/\\])/;

/**
 * Where to go on after coming in.
 *
 * @param given - of the address or a form: anybody may have written it
 * @returns a path with its query on this very origin; `/` for anything else
 */
export function ownAddress(given: unknown): string {
  if (typeof given !== 'string' || !relative.test(given) || !URL.canParse(given, own)) return '/';
  const { origin, pathname, search } = new URL(given, own);
  const address = `${pathname}${search}`;
  return origin === own && relative.test(address) ? address : '/';
}
