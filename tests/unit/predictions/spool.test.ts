import { readdirSync, readFileSync, statSync, writevSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpoolCounts } from '../../../lib/predictions/counts';
import { decodeFrames, encodeFrame, type Frame } from '../../../lib/predictions/frames';
import { answerRecord, feedbackRecord, testSpool } from '../../support/kept';

let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-spool-'));
  folder = join(home, 'spool');
});

afterEach(() => rm(home, { recursive: true, force: true }));

function keptFrames(): Frame[] {
  return readdirSync(folder).flatMap((file) => decodeFrames(readFileSync(join(folder, file))).frames);
}

const keptIds = (): string[] => keptFrames().map(({ json }) => JSON.parse(json.toString()).id);

describe('a segment', () => {
  const frames: Frame[] = [
    {
      kind: 'prediction',
      json: Buffer.from('{"id":1}'),
      picture: { name: 'a.png', bytes: Buffer.from('xyz') },
    },
    { kind: 'feedback', json: Buffer.from('{"id":2}') },
  ];
  const encoded = frames.map((frame) => Buffer.concat(encodeFrame(frame)));
  const whole = Buffer.concat(encoded);
  const firstLength = encoded[0]?.length ?? 0;

  it('gives back what was written', () => {
    expect(decodeFrames(whole)).toEqual({ frames, cut: 0 });
  });

  it('loses nothing before the byte at which it was cut off, wherever that is', () => {
    for (let length = 0; length < whole.length; length += 1) {
      const expected = length < firstLength ? 0 : 1;
      const { frames: found, cut } = decodeFrames(whole.subarray(0, length));
      expect([found.length, cut]).toEqual([expected, length - expected * firstLength]);
    }
  });

  it('does not give back a record of which a byte was changed', () => {
    for (let at = 0; at < firstLength; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(decodeFrames(damaged).frames).toEqual([]);
    }
  });
});

describe('a spool', () => {
  it('keeps no picture where only answers are kept, and nothing at all where it is off', () => {
    const answers = testSpool(folder, { keep: 'answers' });
    expect(answers.keep(answerRecord(), Buffer.from('picture'))).toBe(true);
    answers.close();
    expect(keptFrames().map(({ json, picture }) => [JSON.parse(json.toString()).picture, picture])).toEqual([
      [undefined, undefined],
    ]);
    const off = testSpool(join(home, 'off'), { keep: 'off' });
    expect([off.keep(answerRecord()), off.keep(feedbackRecord(answerRecord().id, 'dog'))]).toEqual([
      false,
      false,
    ]);
    expect(readdirSync(home)).toEqual(['spool']);
  });

  it('keeps about the share that is asked for, always the same ids, and all feedback', () => {
    const records = Array.from({ length: 2000 }, () => answerRecord());
    const counts = new SpoolCounts();
    const [one, other] = [testSpool(folder, { share: 0.25, counts }), testSpool(folder, { share: 0.25 })];
    const kept = records.map((record) => one.keep(record));
    expect(records.map((record) => other.keep(record))).toEqual(kept);
    const count = kept.filter(Boolean).length;
    // Five standard deviations of a binomial distribution.
    expect(Math.abs(count - 500)).toBeLessThan(97);
    expect([counts.get('kept'), counts.get('passed')]).toEqual([count, 2000 - count]);
    expect(records.every(({ id }) => one.keep(feedbackRecord(id, 'dog')))).toBe(true);
    one.close();
    other.close();
  });

  it('keeps a record without its picture where its metadata cannot be taken out, and does not throw', () => {
    const counts = new SpoolCounts();
    const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe1]);
    Object.defineProperty(picture, 'buffer', {
      get() {
        throw new Error('cannot be taken apart');
      },
    });
    const spool = testSpool(folder, { counts });
    expect(spool.keep(answerRecord(), picture)).toBe(true);
    spool.close();
    expect(
      keptFrames().map(({ json, picture: kept }) => [JSON.parse(json.toString()).picture, kept]),
    ).toEqual([[undefined, undefined]]);
    expect(counts.get('kept')).toBe(1);
  });

  it('drops and counts what is beyond its bound, and keeps again when there is room', () => {
    const counts = new SpoolCounts();
    const spool = testSpool(folder, { counts, maxBytes: 10_000 });
    const picture = Buffer.alloc(4000);
    expect([1, 2, 3].map(() => spool.keep(answerRecord(), picture))).toEqual([true, true, false]);
    expect([counts.get('kept'), counts.get('full')]).toEqual([2, 1]);
    counts.add('waiting', -counts.get('waiting'));
    expect(spool.keep(answerRecord(), picture)).toBe(true);
    spool.close();
  });

  it('leaves no half record behind a disk that is full in the middle of one, and goes on when there is room', () => {
    const counts = new SpoolCounts();
    let time = Date.now();
    let left = 9_000;
    const spool = testSpool(folder, {
      ...{ counts, now: () => time },
      write(file, pieces) {
        const room = Buffer.concat(pieces).subarray(0, left);
        left -= room.length;
        if (room.length === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return writevSync(file, [room]);
      },
    });
    const records = Array.from({ length: 6 }, () => answerRecord());
    const keep = (at: number): boolean => spool.keep(records[at] ?? answerRecord(), Buffer.alloc(4000));
    expect([keep(0), keep(1), keep(2), keep(3)]).toEqual([true, true, false, false]);
    left = 9_000;
    time += 2_000;
    expect([keep(4), keep(5)]).toEqual([true, true]);
    spool.close();
    expect(keptIds().sort()).toEqual([0, 1, 4, 5].map((at) => records[at]?.id).sort());
    expect([counts.get('kept'), counts.get('disk')]).toEqual([4, 2]);
  });

  it('never writes to a segment that others may take for left over, though no timer has closed it', () => {
    let time = Date.now();
    const spool = testSpool(folder, { now: () => time });
    spool.keep(answerRecord());
    time += 60_000;
    spool.keep(answerRecord());
    expect(readdirSync(folder).filter((file) => file.endsWith('.seg'))).toHaveLength(1);
    spool.close();
  });

  it('is for nobody else on the machine to read', () => {
    const spool = testSpool(folder);
    spool.keep(answerRecord());
    const [file = ''] = readdirSync(folder);
    expect([statSync(folder).mode & 0o777, statSync(join(folder, file)).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    spool.close();
  });
});
