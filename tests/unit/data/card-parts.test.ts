import { describe, expect, it } from '@jest/globals';
import { ratioHistogram } from '../../../lib/data/card/charts/ratio-histogram';
import { logTicks, niceSteps } from '../../../lib/page/scale';
import { sizeMap } from '../../../lib/data/card/charts/size-map';
import { stackedBar } from '../../../lib/data/card/charts/stacked-bar';
import { bytes, moment, percent } from '../../../lib/page/figures';
import { html, trusted } from '../../../lib/page/html';
import { nameMarkup, namesMarkup, shownName } from '../../../lib/page/names';
import { prose } from '../../../lib/data/card/prose';
import { spreadOf, summarise } from '../../../lib/data/card/summary';
import { cardContent, cardFinding, cardPicture } from '../../support/card-content';

describe('the HTML template', () => {
  it('escapes text, also in lists and in attributes, and leaves markup as it is', () => {
    const items = ['<a>', html`<b>${'&'}</b>`, 3, undefined];
    expect(html`<p title="${`"'`}">${items}</p>`.toString()).toBe(
      '<p title="&quot;&#39;">&lt;a&gt;<b>&amp;</b>3</p>',
    );
    expect(html`${trusted('<i></i>')}`.toString()).toBe('<i></i>');
  });

  it('takes no text for markup because it looks like it', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(() => html`${forged}`.toString()).toThrow();
  });
});

describe('names on the card', () => {
  it('spell out what cannot be seen', () => {
    expect(shownName('a\u202eb\u0000c\u200b\ud800d')).toBe('a\\u202eb\\u0000c\\u200b\\ud800d');
    expect(shownName('family 👨‍👩‍👧, naïve, 猫')).toBe('family 👨‍👩‍👧, naïve, 猫');
  });

  it('lose their middle where they are long, and have it on pointing at them', () => {
    const long = `${'a'.repeat(80)}${'z'.repeat(80)}`;
    expect(shownName(long, 11)).toBe('aaaaa…zzzzz');
    expect(nameMarkup(long, 11).toString()).toBe(`<bdi title="${long}">aaaaa…zzzzz</bdi>`);
    expect(Array.from(shownName('👍'.repeat(1_000_000), 11))).toHaveLength(11);
    expect(nameMarkup('short').toString()).toBe('<bdi>short</bdi>');
  });

  it('are counted where there are too many', () => {
    expect(namesMarkup(['a', 'b', 'c'], 2).toString()).toBe('<bdi>a</bdi>, <bdi>b</bdi> and 1 more');
  });
});

describe('figures on the card', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_600, '1.0 MB'],
    [54_230_000, '54.2 MB'],
    [123_400_000, '123 MB'],
    [2e15, '2000 TB'],
  ])('%d bytes are %s', (value, written) => expect(bytes(value)).toBe(written));

  it('never round something to nothing, nor most to all', () => {
    expect([
      percent(0, 10),
      percent(1, 100_000),
      percent(1, 3),
      percent(99_999, 100_000),
      percent(3, 3),
    ]).toEqual(['0 %', '< 0.1 %', '33.3 %', '> 99.9 %', '100 %']);
  });

  it('give a date in words and UTC, and what is none as it is', () => {
    expect(moment('2026-11-25T23:59:59.000+02:00')).toBe('25 November 2026, 21:59 UTC');
    expect(moment('yesterday')).toBe('yesterday');
  });

  it("interpolate quantiles as NumPy's default does", () => {
    // numpy.quantile([1, 2, 3, 4, 10], [.05, .25, .5, .75, .95])
    const spread = spreadOf([10, 1, 3, 2, 4]);
    expect(spread).toEqual({ low: 1.2, lower: 2, median: 3, upper: 4, high: expect.closeTo(8.8) });
  });
});

describe('the summary', () => {
  it('counts a file once among those left out, and groups of one not at all', () => {
    const summary = summarise(
      cardContent({
        pictures: [
          cardPicture('cat', 1, { near: 1 }),
          cardPicture('cat', 2, { near: 2 }),
          cardPicture('dog', 3, { near: 2 }),
        ],
        findings: [
          cardFinding('tiny', 'x', { dropped: true }),
          cardFinding('conflict', 'x', { dropped: true }),
          cardFinding('turned', 'y'),
        ],
      }),
    );
    expect(summary.leftOut).toBe(1);
    expect(summary.nearGroups.map(({ labels }) => labels)).toEqual([['cat', 'dog']]);
    expect(summary.classes.map(({ label, total }) => [label, total])).toEqual([
      ['cat', 2],
      ['dog', 1],
    ]);
    expect(summary.kinds.map(({ kind, dropped }) => [kind, dropped])).toEqual([
      ['tiny', 1],
      ['turned', 0],
      ['conflict', 1],
    ]);
  });
});

describe('the charts', () => {
  it('have round steps from zero to above the largest value', () => {
    expect(niceSteps(260, 4)).toEqual([0, 100, 200, 300]);
    expect(niceSteps(3, 4)).toEqual([0, 1, 2, 3]);
    expect(niceSteps(0, 4)).toEqual([0, 1]);
    expect(niceSteps(99_999, 4).at(-1)).toBe(100_000);
    expect(logTicks(90, 1200)).toEqual([100, 200, 500, 1000]);
    expect(logTicks(15, 9000)).toEqual([100, 1000]);
  });

  it('draw bars from zero, as long as there are pictures', () => {
    const bar = stackedBar({ train: 100, validation: 50, test: 0 }, [0, 100, 200]).toString();
    const drawn = [...bar.matchAll(/class="(\w+)"\s+x="([\d.]+)%"\s+y="1"\s+width="([\d.]+)%"/g)];
    expect(drawn.map(([, name, x, width]) => [name, Number(x), Number(width)])).toEqual([
      ['train', 0, 50],
      ['validation', 50, 25],
    ]);
  });

  it('map the sizes on equal axes: a square picture lies on the diagonal, wherever the ticks are', () => {
    const cells = (map: string) =>
      [...map.matchAll(/class="shade\d"\s+x="([\d.]+)"\s+y="([\d.]+)"\s+width="([\d.]+)"/g)].map(
        ([, x, y, w]) => ({
          across: Number(x) - 50,
          up: 290 - Number(y) - Number(w),
        }),
      );
    const squares = [10, 100, 1000, 5000].map((side) => ({ width: side, height: side }));
    for (const { across, up } of cells(sizeMap(squares, []).toString())) expect(across).toBeCloseTo(up, 1);
    const one = cells(sizeMap([{ width: 640, height: 480 }], []).toString());
    expect(one).toHaveLength(1);
    expect(one[0]!.across).toBeGreaterThan(one[0]!.up);
    expect(sizeMap([], []).toString()).not.toMatch(/NaN|Infinity/);
  });

  it('put every picture into a bar of its aspect ratio, also the extreme ones', () => {
    const sizes = [
      { width: 1, height: 10_000 },
      { width: 10_000, height: 1 },
      { width: 100, height: 100 },
    ];
    const chart = ratioHistogram(sizes).toString();
    expect(chart.match(/class="plain"/g)).toHaveLength(3);
    expect(chart).toContain('1 upright, 1 square, 1 lying');
    expect(ratioHistogram([]).toString()).not.toMatch(/NaN|Infinity/);
  });
});

describe('licences as prose', () => {
  it('reads paragraphs, lists, bold, code, escapes and links, and follows none', () => {
    const text =
      'From *two* sets:\n\n- [Noto](https://example.org/noto) by **Google**\n- an `MIT` one\n  of mine\\_2\n\nThanks.';
    expect(prose(text).toString().replace(/\n/g, ' ')).toBe(
      '<p dir="auto">From *two* sets:</p> <ul> <li dir="auto">Noto <span class="quiet">(https://example.org/noto)</span> by ' +
        '<strong>Google</strong></li><li dir="auto">an <code>MIT</code> one   of mine_2</li> </ul><p dir="auto">Thanks.</p>',
    );
  });
});
