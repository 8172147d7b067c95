import { modelsStyle } from '../models-page/style';

export const administrationStyle = `${modelsStyle}
form { margin: 0.75rem 0; display: flex; flex-wrap: wrap; gap: 0.75rem 1rem; align-items: end; }
form.narrow { flex-direction: column; align-items: stretch; max-width: 26rem; }
form.who { justify-content: flex-end; align-items: center; margin: 0; font-size: 0.9375rem; }
label { display: flex; flex-direction: column; gap: 0.25rem; font-size: 0.875rem; color: var(--quiet); }
label.reason { flex: 1 1 18rem; }
input, select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 0.4rem; padding: 0.45rem 0.7rem; min-height: 2.75rem; min-width: 0; }
button { cursor: pointer; font-weight: 600; background: var(--panel); }
button:hover { border-color: var(--blue); }
button.warn { color: var(--warn); }
button.plain { font-weight: 400; min-height: 2rem; padding: 0.1rem 0.6rem; }
.buttons { display: flex; gap: 0.75rem; }
article { border: 1px solid var(--line); border-radius: 0.5rem; padding: 1rem; margin: 1rem 0; }
.standing li { display: flex; gap: 0.5rem; align-items: center; padding: 0.15rem 0; }
.review { display: grid; grid-template-columns: minmax(0, 3fr) minmax(16rem, 2fr); gap: 1.5rem; }
.review > div > h2:first-child { margin-top: 0; }
.review figure { margin: 0; }
.review img { display: block; width: 100%; max-height: 75vh; object-fit: contain; background: var(--panel); border-radius: 0.4rem; }
.later { display: inline-flex; align-items: center; gap: 0.3rem; padding: 0.45rem 0.7rem; }
kbd { font: 0.75rem ui-monospace, monospace; border: 1px solid var(--quiet); border-radius: 0.25rem; padding: 0 0.3rem; }
form.inline { margin: 0; }
.buttons { flex-wrap: wrap; }
.decided td, .decided th { overflow-wrap: normal; }
@media (max-width: 40rem) { .decided td:nth-child(4), .decided th:nth-child(4) { display: none; } }
@media (max-width: 48rem) { .review { grid-template-columns: minmax(0, 1fr); } }
.good, .bad { border-left: 4px solid var(--blue); padding: 0.25rem 0.75rem; background: var(--panel); max-width: none; }
.bad { border-color: var(--warn); }
`;
