import { wilsonInterval } from '../../../lib/evaluation/metrics/wilson';
import { readVersionFacts } from '../../../lib/registry/version-facts';
import type { VersionFacts } from '../../../lib/registry/compare-versions';
import { requireStoreKey } from '../../../lib/storage/refs';
import type { Console } from '../../display/console';
import { minute, plainText } from '../../display/dataset';
import { bytes, figure, percent } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { placeOf } from '../data/place';
import { openModels, wishedVersion, type JsonFlags } from './place';

export interface ShowFlags extends JsonFlags {
  readonly card?: boolean;
}

/** One version: its figures, its files, where it comes from, which aliases name it. */
export async function showModel(
  wished: string | undefined,
  flags: ShowFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const version = await wishedVersion(wished, place);
  const cardKey = `models/${version.name}/versions/${version.version}/card.md`;
  if (flags.card === true) {
    out.say((await place.store.read(cardKey)).toString('utf8').trimEnd());
    return;
  }
  const [facts, aliases] = await Promise.all([
    readVersionFacts(place.store, version),
    place.registry.aliases(version.name),
  ]);
  const names = aliases.flatMap(({ alias }) =>
    alias.removed !== true && alias.version === version.version ? [alias.alias] : [],
  );
  const card = placeOf(place.store, `store://${cardKey}`);
  // Written after the evaluation, and by versions from 0.2.0 on.
  const reportUri = version.evaluation.uri.replace(/[^/]*$/, 'report.html');
  const hasReport = await place.store.exists(requireStoreKey({ ...version.evaluation, uri: reportUri }));
  const report = hasReport ? placeOf(place.store, reportUri) : undefined;
  if (flags.json === true) {
    const { forms, evaluation, result } = facts;
    const shown = {
      ...version,
      forms,
      aliases: names,
      card: version.card ?? null,
      cardAt: card,
      report: report ?? null,
    };
    out.say(
      JSON.stringify({ ...shown, figures: evaluation ?? null, config: result?.config ?? null }, null, 2),
    );
    return;
  }
  sayVersion(facts, names, { card, report }, out);
}

function sayVersion(
  facts: VersionFacts,
  names: readonly string[],
  { card, report }: { readonly card: string; readonly report: string | undefined },
  out: Console,
): void {
  const { version, forms, evaluation, result } = facts;
  const { bold, dim, green } = out.colours;
  const { metrics, model, lineage } = version;
  const [low, high] = wilsonInterval(Math.round(metrics.accuracy * metrics.pictures), metrics.pictures);
  const { size, color, fit } = model.preprocessing;
  out.say(
    `${bold(`${version.name} version ${version.version}`)}${names.length > 0 ? `  ${green(names.join(', '))}` : ''}`,
  );
  out.say(`registered  ${minute(version.createdAt)}`);
  out.say(
    `accuracy    ${percent(metrics.accuracy)} of ${metrics.pictures} test pictures ` +
      `(95 % interval ${percent(low)} to ${percent(high)}), log loss ${figure(metrics.loss)}`,
  );
  const more: [string, number | null | undefined][] = [
    ['macro F1', evaluation?.macro.f1],
    ['ROC AUC', evaluation?.rocAuc],
    ['ECE', evaluation?.calibration?.ece],
    ['latency ms', evaluation?.latencyMs?.median],
  ];
  const known = more.flatMap(([name, value]) =>
    typeof value === 'number' ? [`${name} ${figure(value)}`] : [],
  );
  if (known.length > 0) out.say(`figures     ${known.join(', ')}`);
  out.say(`takes       ${size} × ${size} ${color}, ${fit}; answers one of ${model.classes.length} classes`);
  out.say(
    `run         ${lineage.run}${result ? `, ${result.history.length} epochs, ${result.parameters} weights` : ''}`,
  );
  if (lineage.sweep !== undefined) out.say(`sweep       ${lineage.sweep}`);
  out.say(`dataset     ${datasetName(lineage.manifest.uri)}@${lineage.manifest.sha256.slice(0, 12)}`);
  out.say(`card        ${card}`);
  if (report !== undefined) out.say(`report      ${report}`);

  out.say();
  const [header, ...rows] = table(
    ['form', 'file', 'size', 'sha256'],
    forms.map(({ name, file, bytes: size, ref }) => [name, file, bytes(size), ref.sha256]),
    new Set([2]),
  );
  out.say(dim(header ?? ''));
  for (const row of rows) out.say(row);

  if (evaluation === undefined) {
    out.say();
    out.say(dim('Its evaluation is no longer in the store.'));
    return;
  }
  out.say();
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  const [title, ...lines] = table(
    ['class', 'pictures', 'precision', 'recall'],
    evaluation.perClass.map((each) => [
      plainText(each.class),
      String(each.pictures),
      share(each.precision),
      share(each.recall),
    ]),
    new Set([1, 2, 3]),
  );
  out.say(dim(title ?? ''));
  for (const line of lines) out.say(line);
}

function datasetName(uri: string): string {
  return /^store:\/\/datasets\/([^/]+)\//.exec(uri)?.[1] ?? 'dataset';
}
