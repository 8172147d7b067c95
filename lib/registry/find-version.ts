import { Failure } from '../../contracts/failures';
import { championAlias } from '../../contracts/names';
import { didYouMean } from '../../contracts/schemas/nearest';
import { nameSchema } from '../../contracts/schemas/pipeline';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { Registry } from './registry';

/** A model version as a person names it: `animals`, `animals@3`, `animals@v3`, `animals@champion`, `animals@latest`. */
export interface ModelWish {
  /** Empty where it is left to the caller. */
  readonly name: string;
  /** undefined: the champion, else the latest. */
  readonly which: string | undefined;
}

/** Parts `name@version`; a bare number, `latest` or `@…` leaves the name to the caller. */
export function readModelWish(text: string): ModelWish {
  const at = text.indexOf('@');
  if (at >= 0) return { name: text.slice(0, at), which: text.slice(at + 1) };
  if (/^(v?\d+|latest)$/i.test(text)) return { name: '', which: text };
  return { name: text, which: undefined };
}

/**
 * The names of all models, where there is this one among them.
 *
 * @throws Failure `not-found`, with the name that was probably meant
 */
export async function requireModel(registry: Registry, name: string): Promise<readonly ModelVersion[]> {
  const versions = nameSchema.safeParse(name).success ? await registry.list(name) : [];
  if (versions.length > 0) return versions;
  const names = await registry.names();
  throw new Failure(
    'not-found',
    `There is no model ${JSON.stringify(name.slice(0, 100))} in the registry${
      names.length > 0
        ? didYouMean(name, names)
        : '; there is none at all. Train one: npx drover run pipeline'
    }`,
  );
}

/**
 * The version that a person means.
 *
 * @throws Failure `not-found` where there is no such model, version or alias, saying which there are
 */
export async function findModelVersion(
  registry: Registry,
  { name, which }: ModelWish,
): Promise<ModelVersion> {
  const versions = await requireModel(registry, name);
  const latest = versions.at(-1);
  if (latest === undefined) throw new Failure('not-found', `The model ${name} has no version yet.`);
  if (which !== undefined && /^latest$/i.test(which)) return latest;
  const number = which === undefined ? undefined : /^v?(\d{1,9})$/i.exec(which)?.[1];
  if (number !== undefined) {
    const found = versions.find(({ version }) => version === Number(number));
    if (found !== undefined) return found;
    throw new Failure(
      'not-found',
      `The model ${name} has no version ${Number(number)}; it has ${listed(versions)}.`,
    );
  }
  if (which === undefined) {
    const champion = (await registry.alias(name, championAlias))?.alias.version;
    return versions.find(({ version }) => version === champion) ?? latest;
  }
  const aliases = (await registry.aliases(name)).filter(({ alias }) => alias.removed === undefined);
  const alias = aliases.find((each) => each.alias.alias === which)?.alias;
  const found = versions.find(({ version }) => version === alias?.version);
  if (found !== undefined) return found;
  const known = [...aliases.map((each) => each.alias.alias), 'latest'];
  throw new Failure(
    'not-found',
    `The model ${name} has no alias ${JSON.stringify(which.slice(0, 100))}${didYouMean(which, known)} ` +
      `Its versions: ${listed(versions)}.`,
  );
}

/** `1, 2, 3`, or `1 to 40` with the gaps that a killed registering leaves. */
function listed(versions: readonly ModelVersion[]): string {
  const numbers = versions.map(({ version }) => version);
  if (numbers.length <= 8) return numbers.join(', ');
  return `${numbers.length} from ${numbers[0]} to ${numbers.at(-1)}`;
}
