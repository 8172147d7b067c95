import { pageStyle } from '../../lib/page/style';

/** What the page about the API adds to the look that all pages have. */
export const docsStyle = `${pageStyle}
article { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
article h4 { font-size: 0.8125rem; margin: 1.25rem 0 0.35rem; color: var(--quiet); font-weight: 600; }
article pre { font-size: 0.875rem; }
article h3 { margin-bottom: 0.4rem; }
h3 .path { font-size: 1.0625rem; font-weight: 600; }
.method { display: inline-block; min-width: 3.25rem; margin-right: 0.5rem; padding: 0 0.4rem; border: 1px solid currentColor; border-radius: 0.3rem; text-align: center; font: 600 0.75rem/1.35rem ui-monospace, Menlo, Consolas, monospace; color: var(--quiet); }
.method.post { color: var(--link); }
.term { white-space: nowrap; }
.types { display: block; }
td p:last-child { margin: 0; }
@media (min-width: 40rem) {
  .described tbody th { width: 16rem; }
}
@media (max-width: 40rem) {
  .described table, .described tbody, .described tr, .described td, .described tbody th { display: block; }
  .described thead { display: none; }
  .described td, .described tbody th { border: 0; padding: 0; }
  .described tbody th { font-weight: 600; }
  .described tr { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
}
`;
