import { pageStyle } from '../../page/style';

/** Shades of a heat map, beside none at all. */
export const shades = 8;

/** So that text on the darkest shade can still be read. */
const darkest = 62;

function heat(name: string, colour: string): string {
  return Array.from({ length: shades }, (_, at) => {
    const mixed = `color-mix(in srgb, var(--${colour}) ${Math.round((darkest * (at + 1)) / shades)}%, var(--paper))`;
    return `.${name}${at + 1} { background: ${mixed}; fill: ${mixed}; }`;
  }).join('\n');
}

/** How an evaluation's report looks, beyond what every page has. */
export const style = `${pageStyle}
${heat('right', 'blue')}
${heat('mistaken', 'warn')}
.matrix { width: auto; font-size: 0.875rem; }
.matrix th, .matrix td { padding: 0.3rem 0.5rem; }
.matrix tbody th { white-space: nowrap; }
.matrix thead th:not(:first-child) { min-width: 3.25rem; }
.matrix bdi { overflow-wrap: normal; white-space: nowrap; }
.classes tbody th { min-width: 6rem; }
.grid-map { display: block; width: 100%; max-width: 36rem; margin-bottom: 0.5rem; shape-rendering: crispEdges; }
.grid-map .frame { fill: var(--panel); }
.bars { width: 30%; min-width: 8rem; vertical-align: middle; }
.rest { fill: var(--panel); }
.gap { fill: var(--warn); fill-opacity: 0.3; stroke: var(--warn); stroke-width: 1; }
.ideal { stroke: var(--quiet); stroke-dasharray: 3 3; }
.reach { stroke: var(--blue); stroke-width: 2; }
.curve { fill: none; stroke: var(--blue); stroke-width: 1.8; stroke-linejoin: round; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1rem 2rem; margin-bottom: 1rem; }
.square { max-width: 18rem; }
.amount { display: block; font-size: 0.75rem; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1.25rem 1rem; }
.mistakes img { width: 8rem; height: 8rem; object-fit: contain; }
.mistakes figcaption { margin-top: 0.35rem; font-size: 0.8125rem; color: var(--ink); }
.mistakes figcaption .quiet { white-space: nowrap; font-size: inherit; }
.mistakes strong { font-weight: 600; }
@media print {
  .mistakes li { break-inside: avoid; }
}
`;
