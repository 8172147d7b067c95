/**
 * Shows a trial in every chart when one of its marks is pointed at, keeps the trials between two values of an axis, and sorts
 * the table. The page reads without it, and offers none of this where it doesn't run.
 */
export const script = `
const page = document.documentElement;
const readouts = [...document.querySelectorAll('.readout')];
const hints = readouts.map((one) => one.textContent);
for (const one of readouts) one.hidden = false;
const marks = new Map();
for (const mark of document.querySelectorAll('[data-t]')) {
  const known = marks.get(mark.dataset.t);
  if (known) known.push(mark);
  else marks.set(mark.dataset.t, [mark]);
}
const says = new Map([...document.querySelectorAll('tr[data-t]')].map((row) => [row.dataset.t, row.dataset.says]));

let pointed;
function point(trial) {
  if (trial === pointed) return;
  for (const mark of marks.get(pointed) ?? []) mark.classList.remove('on');
  pointed = trial;
  for (const mark of marks.get(trial) ?? []) mark.classList.add('on');
  page.classList.toggle('pointing', trial !== undefined);
  tell();
}

const brushes = new Map();
function tell() {
  readouts.forEach((one, at) => {
    one.textContent = pointed === undefined ? hints[at] : (says.get(pointed) ?? 'Trial ' + pointed);
    if (pointed !== undefined || brushes.size === 0) return;
    one.textContent = kept + ' of ' + lines.length + ' trials lie between the marks; the table shows those alone.';
    const all = document.createElement('button');
    all.textContent = 'Show all';
    all.addEventListener('click', () => {
      for (const { shape } of brushes.values()) shape.remove();
      brushes.clear();
      choose();
    });
    one.append(all);
  });
}

// The points of each line are where its path says.
const pointsOf = (path) => path.getAttribute('d').slice(1).split('L').map((pair) => pair.split(' ').map(Number));
function inDrawing(svg, event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
}
for (const svg of document.querySelectorAll('svg.lines')) {
  const paths = [...svg.querySelectorAll('path.trial')].map((path) => [path, pointsOf(path)]);
  svg.addEventListener('pointermove', (event) => {
    if (dragged) return;
    const { x, y } = inDrawing(svg, event);
    let nearest;
    let least = 10;
    for (const [path, points] of paths) {
      if (path.classList.contains('out') && page.classList.contains('chosen')) continue;
      const next = points.findIndex(([px]) => px >= x);
      if (next === -1 || (next === 0 && points[0][0] - x > 4)) continue;
      const [x1, y1] = points[next];
      const [x0, y0] = points[Math.max(0, next - 1)];
      const height = x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
      if (Math.abs(height - y) < least) {
        least = Math.abs(height - y);
        nearest = path.dataset.t;
      }
    }
    point(nearest);
  });
}
for (const svg of document.querySelectorAll('svg.linked')) {
  if (!svg.classList.contains('lines')) {
    svg.addEventListener('pointerover', (event) => point(event.target.closest('[data-t]')?.dataset.t));
  }
  svg.addEventListener('pointerleave', () => point(undefined));
}

const brushed = document.getElementById('brushed');
const lines = brushed ? [...brushed.querySelectorAll('path.trial')].map((path) => [path.dataset.t, pointsOf(path)]) : [];
let kept = lines.length;
let dragged;
function choose() {
  kept = 0;
  page.classList.toggle('chosen', brushes.size > 0);
  const within = new Set();
  for (const [trial, points] of lines) {
    if ([...brushes].every(([axis, { from, to }]) => points[axis][1] >= from && points[axis][1] <= to)) within.add(trial);
  }
  kept = within.size;
  for (const [trial, all] of marks) {
    for (const mark of all) mark.classList.toggle('out', brushes.size > 0 && !within.has(trial));
  }
  tell();
}
for (const handle of brushed?.querySelectorAll('.handle') ?? []) {
  const axis = Number(handle.dataset.axis);
  handle.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    point(undefined);
    brushes.get(axis)?.shape.remove();
    brushes.delete(axis);
    const shape = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    shape.setAttribute('class', 'brush');
    shape.setAttribute('x', handle.x.baseVal.value + 7);
    shape.setAttribute('width', 14);
    brushed.append(shape);
    dragged = { shape, start: inDrawing(brushed, event).y };
    choose();
  });
  handle.addEventListener('pointermove', (event) => {
    if (!dragged) return;
    const { y } = inDrawing(brushed, event);
    const [from, to] = [Math.min(y, dragged.start), Math.max(y, dragged.start)];
    dragged.shape.setAttribute('y', from);
    dragged.shape.setAttribute('height', to - from);
    if (to - from < 3) return;
    brushes.set(axis, { from, to, shape: dragged.shape });
    choose();
  });
  const drop = () => {
    if (dragged && brushes.get(axis)?.shape !== dragged.shape) dragged.shape.remove();
    dragged = undefined;
  };
  handle.addEventListener('pointerup', drop);
  handle.addEventListener('pointercancel', drop);
}

const table = document.querySelector('table.trials');
const heads = [...(table?.querySelectorAll('thead th') ?? [])];
heads.forEach((head, column) => {
  const button = document.createElement('button');
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener('click', () => {
    const falling = head.getAttribute('aria-sort') === 'ascending';
    for (const one of heads) one.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
    const numbers = head.classList.contains('number');
    const rows = [...table.tBodies[0].rows].map((row) => [row.cells[column].dataset.v, row]);
    // Rows without a value come last, whichever way.
    rows.sort(([one], [other]) => {
      if (one === '' || other === '') return Number(one === '') - Number(other === '');
      const order = numbers ? Number(one) - Number(other) : one.localeCompare(other);
      return falling ? -order : order;
    });
    table.tBodies[0].append(...rows.map(([, row]) => row));
  });
});
`;
