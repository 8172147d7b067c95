import { splitNames } from '../../../contracts/schemas/documents';
import type { DatasetConfig } from '../../../contracts/schemas/pipeline';
import type { Settings } from '../../../contracts/schemas/settings';
import { previewSource, type Preview } from '../../../lib/data/preview';
import { forgetAfter } from '../../../lib/data/sources/forget-after';
import { isAllowed, outsideText } from '../../../lib/data/sources/local-path';
import { openSource } from '../../../lib/data/sources/open-source';
import { sourceOptions } from '../../../lib/data/sources/source-options';
import { type Console, silent } from '../../display/console';
import { count, counted, plainText } from '../../display/dataset';
import { bytes } from '../../display/format';
import { Steps } from '../../display/steps';
import { table } from '../../display/table';
import type { Outside } from '../../settings';

const mostClasses = 40;

/** Lists what an ingest would read, in this process; nothing is taken in. */
export async function dryRun(
  dataset: DatasetConfig,
  flags: { readonly json: boolean; readonly local: string | undefined; readonly signal: AbortSignal },
  settings: Settings,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { json, local, signal } = flags;
  const steps = new Steps(json ? silent(out) : out);
  const options = sourceOptions(settings, outside.environment);
  const preview = await openSource(dataset.source, {
    ...options,
    // Whoever types a path may read it; whether the workers may is theirs to say.
    allowedRoots: [...options.allowedRoots, ...(local === undefined ? [] : [local])],
    onProgress: (progress) => steps.report('fetch', progress),
    signal,
  })
    .then((source) =>
      forgetAfter(source, () =>
        previewSource({
          ...{ source, labels: dataset.source.labels, signal },
          onProgress: (progress) => steps.report('look', { ...progress, unit: 'files' }),
        }),
      ),
    )
    .finally(() => steps.end());
  if (json) out.say(JSON.stringify({ name: dataset.name, source: dataset.source.uri, ...preview }, null, 2));
  else {
    sayPreview(dataset, preview, out);
    out.say();
    const isOutside = local !== undefined && !(await isAllowed(local, options.allowedRoots));
    out.say(
      isOutside
        ? out.colours.yellow(`Nothing was taken in. ${outsideText(local)}`)
        : 'Nothing was taken in. Without --dry-run it is, and every picture is looked at.',
    );
  }
}

function sayPreview({ name, source }: DatasetConfig, preview: Preview, out: Console): void {
  const { files, bytes: size, classes, unlabelled, unusable } = preview;
  const { bold, dim, yellow } = out.colours;
  const amount = size === undefined ? 'how large is not known before they are read' : bytes(size);
  out.say(`${bold(name)}  ${counted(files, 'file')}, ${amount}, from ${plainText(source.uri)}`);
  if (unlabelled > 0) out.say(yellow(`${counted(unlabelled, 'file lies', 'files lie')} in no class.`));
  if (unusable > 0)
    out.say(yellow(`${counted(unusable, 'file is', 'files are')} no picture, or cannot be read.`));
  const splits = splitNames.filter((split) => classes.some((of) => of.splits[split] !== undefined));
  const [header, ...rows] = table(
    ['class', 'files', ...splits],
    classes
      .slice(0, mostClasses)
      .map(({ label, files, splits: of }) => [
        plainText(label),
        count(files),
        ...splits.map((split) => count(of[split] ?? 0)),
      ]),
    new Set([1, 2, 3, 4]),
  );
  out.say();
  if (classes.length > 0) out.say(dim(header ?? ''));
  for (const row of rows) out.say(row);
  if (classes.length > mostClasses) out.say(`… and ${count(classes.length - mostClasses)} more classes`);
  if (classes.length < 2) {
    out.say(yellow(`Found ${counted(classes.length, 'class', 'classes')}; two at least are needed.`));
  }
}
