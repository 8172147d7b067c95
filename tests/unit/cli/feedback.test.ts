import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyReviewed } from '../../../cli/commands/feedback/apply';
import { acceptFeedback, decideFeedback } from '../../../cli/commands/feedback/decide';
import { listFeedback } from '../../../cli/commands/feedback/list';
import { removePrediction } from '../../../cli/commands/predictions/remove';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import type { Outside } from '../../../cli/settings';
import { readPredictions } from '../../../lib/predictions/read';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { blocks, ingestPets, keepAnswers } from '../../support/reviewed-store';

let outside: Outside;
let store: Store;
let ids: string[];
const flags = { model: 'pets', by: 'ada' };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-feedback-'));
  outside = { environment: {}, folder, program: '' };
  store = createFolderStore(join(folder, '.drover', 'store'));
  await ingestPets(store);
  const shared = await blocks(105);
  ids = await keepAnswers(store, folder, [
    {
      picture: await blocks(101),
      said: [
        { label: 'dog', by: 'a' },
        { label: 'dog', by: 'b' },
      ],
    },
    { picture: await blocks(102), said: [{ label: 'dog', by: 'a' }] },
    {
      picture: await blocks(103),
      said: [
        { label: 'dog', by: 'a' },
        { label: 'cat', by: 'b' },
      ],
    },
    { picture: shared, said: [{ label: 'dog' }] },
    { picture: shared, said: [] },
  ]);
});
afterAll(() => rm(outside.folder, { recursive: true, force: true }));

async function said(command: (out: Console) => Promise<void>): Promise<string> {
  let text = '';
  const terminal = {
    write(piece: string) {
      text += piece;
      return true;
    },
  };
  await command(new Console(terminal, plainColours, false));
  return text;
}

const list = (more = {}) => said((out) => listFeedback({ ...flags, limit: '50', ...more }, outside, out));

describe('drover feedback', () => {
  it('lists what waits, and leads to the model that was meant', async () => {
    expect(await list()).toMatch(/waiting +cat +tied \(2\)/);
    expect(JSON.parse(await list({ json: true, differing: true }))).toHaveLength(1);
    expect(await list({ model: 'birds' })).toContain('but of pets: --model pets');
    await expect(list({ state: 'done' })).rejects.toMatchObject({ type: 'start-refused' });
  });

  it('accepts all about which enough people agree, and then nothing more', async () => {
    const accept = (people: string) =>
      said((out) => acceptFeedback([], { ...flags, agreed: true, people }, outside, out));
    expect(await accept('2')).toMatch(/^Accepted [0-9a-f]{10} as dog\.\n/);
    expect(await accept('2')).toContain('no such picture');
    await expect(
      acceptFeedback([], flags, outside, new Console({ write: () => true }, plainColours, false)),
    ).rejects.toMatchObject({ type: 'start-refused' });
  });

  it('decides on all that are named, or on none', async () => {
    const wished = ids.slice(0, 2);
    await expect(
      said((out) => decideFeedback(wished, { action: 'refuse' }, flags, outside, out)),
    ).rejects.toMatchObject({ type: 'feedback-decided' });
    expect(JSON.parse(await list({ json: true, state: 'refused' }))).toEqual([]);
    const slip = await said((out) =>
      decideFeedback(ids.slice(2, 3), { action: 'correct', label: 'dgo' }, flags, outside, out),
    );
    expect(slip).toContain('The model knows no class dgo');
  });

  it('applies, and says what it did and did not', async () => {
    const apply = (more = {}) => said((out) => applyReviewed({ ...flags, ...more }, outside, out));
    expect(await apply({ dryRun: true })).toContain('would be the newest version: 21 pictures');
    const done = await apply();
    expect(done).toMatch(/\+ [0-9a-f]{10} {2}dog {2}answered cat by pets@3, reviewed by ada/);
    expect(done).toContain('not taken: The dataset has no class dgo.');
    expect(await apply()).toContain('pets stays as it is');
  });
});

describe('drover predictions remove', () => {
  const remove = (id: string, yes: boolean) =>
    said((out) => removePrediction(id, { json: false }, outside, out, () => Promise.resolve(yes)));

  const kept = async () => {
    const found = new Map<string, number>();
    for await (const one of readPredictions(store)) {
      await one.picture();
      found.set(one.record.id, one.feedback.length);
    }
    return found;
  };

  it('asks, and removes nothing without a yes', async () => {
    expect(await remove(ids[1] ?? '', false)).toContain('Nothing was removed.');
    expect((await kept()).size).toBe(5);
  });

  it('takes one out with its label, and leaves a picture that another needs', async () => {
    expect(await remove(ids[3] ?? '', true)).toContain(`stays with: ${ids[4]}`);
    const left = await kept();
    expect([...left.keys()].sort()).toEqual([ids[0], ids[1], ids[2], ids[4]].sort());
    expect(await remove(ids[0] ?? '', true)).toMatch(/part of the dataset pets[^]*its picture and 2 labels/);
    expect((await kept()).get(ids[2] ?? '')).toBe(2);
    await expect(remove(ids[0] ?? '', true)).rejects.toMatchObject({ type: 'not-found' });
  });
});
