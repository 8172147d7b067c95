import { traceVersion, type Link, type LinkState } from '../../../lib/registry/trace-version';
import { readSweepRecord } from '../../../lib/sweeps/sweep-records';
import type { Console } from '../../display/console';
import { plainText } from '../../display/dataset';
import type { Colours } from '../../display/format';
import { type Branch, treeLines } from '../../display/tree';
import type { Outside } from '../../settings';
import { openModels, wishedVersion, type JsonFlags } from './place';

/** From an answer of the API back to the pictures' sources, as a tree, every document checked on the way. */
export async function modelLineage(
  wished: string | undefined,
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const version = await wishedVersion(wished, place);
  const { sweep } = version.lineage;
  const record = sweep === undefined ? undefined : await readSweepRecord(place.store, sweep);
  const link = await traceVersion(place.store, version, record);
  if (flags.json === true) {
    out.say(JSON.stringify(link, null, 2));
    return;
  }
  const answer: Branch = {
    text: `answers of the API with ${out.colours.dim(`"name": "${version.name}", "version": ${version.version}, "digest": "${version.model.onnx.sha256}"`)}`,
    branches: [branchOf(link, out.colours)],
  };
  for (const line of treeLines(answer)) out.say(line);
}

const words: Readonly<Record<Link['kind'], string>> = {
  model: 'model     ',
  run: 'run       ',
  sweep: 'sweep     ',
  prepared: 'prepared  ',
  dataset: 'dataset   ',
  source: 'source    ',
  evaluation: 'evaluated ',
};

function branchOf({ kind, name, says, ref, state, from }: Link, colours: Colours): Branch {
  const { bold, dim } = colours;
  const digest = ref === undefined ? '' : `  ${dim(`sha256 ${ref.sha256}`)}`;
  const title = kind === 'evaluation' ? '' : ` ${bold(plainText(name))}`;
  return {
    text:
      `${words[kind]}${title}${says === undefined ? '' : `  ${plainText(says)}`}${digest}` +
      (state === undefined ? '' : `  ${stateText(state, colours)}`),
    branches: from.map((each) => branchOf(each, colours)),
  };
}

function stateText(state: LinkState, { green, yellow, red }: Colours): string {
  if (state === 'ok') return green('✓');
  return state === 'gone'
    ? yellow('no longer in the store')
    : red('CHANGED: not the bytes that were recorded');
}
