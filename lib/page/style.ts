/**
 * How Drover's own pages look: colours for light and dark, text, the tiles of a header, tables, charts. The three
 * splits are blue, amber and ink, which differ in lightness too, so that nobody has to tell them by hue.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c1f24, #e6e8ec);
  --quiet: light-dark(#5a6069, #a3a9b3);
  --paper: light-dark(#ffffff, #15171b);
  --panel: light-dark(#f4f5f7, #1f2227);
  --line: light-dark(#d9dce1, #363a42);
  --blue: light-dark(#2f6fdb, #6ea2ff);
  --link: light-dark(#1f5cc4, #8ab4ff);
  --amber: light-dark(#c98500, #f0b840);
  --dark: light-dark(#32363d, #d5d9e0);
  --warn: light-dark(#b3261e, #ff8a80);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 66rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; margin: 0 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 0.75rem; }
h3 { font-size: 1rem; line-height: 1.35; margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 0.75rem; max-width: 46rem; overflow-wrap: anywhere; }
section { margin-top: 3rem; }
section > h3 { margin: 1.5rem 0 0.5rem; }
ul { margin: 0; padding: 0; list-style: none; }
dl, dd, figure { margin: 0; }
code { font: 0.9em ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; padding: 0.75rem 1rem; background: var(--panel); border-radius: 0.5rem; white-space: pre-wrap; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
bdi { overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-weight: 400; font-size: 0.875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.badge { display: inline-block; padding: 0 0.5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: 0.75rem; font-weight: 600; line-height: 1.35rem; color: var(--quiet); white-space: nowrap; }

header p { margin: 0 0 0.25rem; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.75rem; margin: 1.5rem 0; }
.tiles > div { padding: 0.75rem 1rem; background: var(--panel); border-radius: 0.5rem; min-width: 0; }
.tiles dt { font-size: 0.875rem; color: var(--quiet); }
.tiles strong { display: block; font-size: 1.75rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tiles .quiet { display: block; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; font-size: 0.875rem; margin: 0.5rem 0; }
.legend svg { vertical-align: -1px; margin-right: 0.15rem; }

nav { position: sticky; top: 0; z-index: 1; margin: 1.5rem -1rem 0; padding: 0 1rem; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 1.25rem; overflow-x: auto; padding: 0.6rem 0; white-space: nowrap; font-size: 0.9375rem; }
nav a { text-decoration: none; padding: 0.25rem 0; }
nav a:hover { text-decoration: underline; }

img, .missing { display: block; border-radius: 0.3rem; background: var(--panel); }
.missing { border: 1px dashed var(--quiet); width: 6rem; }
figcaption { font-size: 0.8125rem; color: var(--quiet); overflow-wrap: anywhere; }

table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
caption { text-align: left; color: var(--quiet); font-size: 0.875rem; padding-bottom: 0.4rem; }
th, td { text-align: left; font-weight: 400; padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead > tr > * { font-weight: 600; font-size: 0.8125rem; vertical-align: bottom; border-bottom: 2px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
details { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; }
summary h3 { display: inline; }
details tr:last-child > * { border-bottom: 0; }
[hidden] { display: none; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem 2.5rem; align-items: start; margin-top: 1rem; }
.chart { display: block; width: 100%; max-width: 27rem; }
svg { overflow: visible; }
svg text { fill: var(--quiet); font-size: 11px; font-variant-numeric: tabular-nums; }
.bar, .strip, .axis { display: block; }
.train { fill: var(--blue); }
.validation { fill: var(--amber); }
.test { fill: var(--dark); }
.bar rect, .legend .train, .plain { shape-rendering: crispEdges; }
.grid { stroke: var(--line); stroke-width: 1; shape-rendering: crispEdges; }
.tick { stroke: var(--quiet); }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.5rem 1.5rem; }
.facts dt { color: var(--quiet); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
@media (min-width: 62rem) {
  .tiles { grid-template-columns: repeat(6, 1fr); }
}
@media (max-width: 40rem) {
  body { padding-top: 1rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 0.5rem; }
  .tiles > div { padding: 0.6rem 0.75rem; }
  .tiles strong { font-size: 1.4rem; }
  .wide, .between { display: none; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.75rem; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  .tiles { grid-template-columns: repeat(6, 1fr); gap: 0.5rem; }
  .tiles > div { padding: 0.5rem; }
  .tiles strong { font-size: 1.25rem; }
  .scroll { overflow: visible; }
  table { font-size: 0.8125rem; }
  section { margin-top: 1.5rem; }
  h2, h3, caption, thead { break-after: avoid; }
  tr, .charts figure { break-inside: avoid; }
}
`;
