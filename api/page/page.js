/* global apiKey, byId, clearTrouble, fitting, inWaiting, markShown, patiently, refreshModel, refreshModelFor, remember */
/* global showAnswer, showLooking, showTrouble */

const mostBytes = Number(document.body.dataset.maxBytes) || Infinity;
/** Answered one after the other where several come at once. */
const mostAtOnce = 12;

/** The pictures that are being answered: newer ones end that. */
let current = new AbortController();
/** Tried again with a key, where one was asked for. */
let refused = [];

function showPicture(picture) {
  const preview = byId('preview');
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(picture);
  preview.alt = `Your picture: ${picture.name}`;
  preview.hidden = false;
  byId('sketch').toggleAttribute('hidden', true);
  byId('caption').textContent = picture.name;
  byId('choose').textContent = 'Another picture';
  byId('stage').classList.remove('empty');
}

/** What the browser cannot show (TIFF, for one) may still be answered. */
function showSketch() {
  byId('preview').hidden = true;
  byId('sketch').toggleAttribute('hidden', false);
}

/** One picture's answer, from the file to what is known of it here. */
async function answerOf(picture, signal) {
  const { file, note } = await fitting(picture, mostBytes);
  signal.throwIfAborted();
  const form = new FormData();
  form.append('image', file, file.name || 'picture');
  const { body, milliseconds, request } = await patiently(
    '/get_prediction',
    { method: 'POST', body: form, signal },
    (wait) => showTrouble({ ...wait, detail: inWaiting(wait) }, { waits: true }),
  );
  return { ...body, milliseconds, request, note };
}

async function answerOne(picture, signal) {
  showPicture(picture);
  clearTrouble();
  showLooking();
  const answer = await answerOf(picture, signal);
  if (signal.aborted) return;
  clearTrouble();
  showAnswer(answer);
  remember(picture, answer, () => {
    current.abort();
    clearTrouble();
    showPicture(picture);
    showAnswer(answer);
  });
  refreshModelFor(answer.model.digest);
}

/** Answers pictures, one after the other. */
async function ask(files) {
  const pictures = [...files].slice(0, mostAtOnce);
  if (pictures.length === 0) return;
  current.abort();
  current = new AbortController();
  const { signal } = current;
  markShown(undefined);
  for (const [at, picture] of pictures.entries()) {
    try {
      await answerOne(picture, signal);
    } catch (error) {
      if (signal.aborted) return;
      showTrouble(error);
      if (error.status !== 401) continue;
      refused = pictures.slice(at);
      askForKey();
      return;
    }
    if (signal.aborted) return;
  }
}

function askForKey() {
  byId('key').hidden = false;
  byId('key-field').focus();
}

async function useKey(event) {
  event.preventDefault();
  const field = byId('key-field');
  apiKey.keep(field.value.trim());
  const refusal = await refreshModel();
  if (refusal?.status === 401) {
    showTrouble(refusal);
    field.select();
    return;
  }
  field.value = '';
  byId('key').hidden = true;
  clearTrouble();
  byId('choose').focus();
  const again = refused;
  refused = [];
  await ask(again);
}

/** What is shown stays: nothing was asked. */
function showNothingFound(title, detail) {
  showTrouble({ title, detail }, { waits: !byId('answer').hidden });
}

/** A text field takes what is pasted into it, or dropped there; a picture is never meant for one. */
function isForField(target, files) {
  return files.length === 0 && Boolean(target.closest?.('input, textarea'));
}

function takePasted(event) {
  const files = event.clipboardData?.files ?? [];
  if (isForField(event.target, files)) return;
  event.preventDefault();
  if (files.length > 0) ask(files);
  else
    showNothingFound(
      'There is no picture in what was pasted',
      'Copy a picture, not its address or its name.',
    );
}

function takeDropped(event) {
  byId('stage').classList.remove('over');
  const { files } = event.dataTransfer;
  if (isForField(event.target, files)) return;
  event.preventDefault();
  if (files.length > 0) ask(files);
  else
    showNothingFound('There is no file in what was dropped', 'Save the picture first, then drop its file.');
}

function takeChosen({ target }) {
  const files = [...target.files];
  // So that the same file can be chosen again.
  target.value = '';
  ask(files);
}

function listen() {
  byId('choose').addEventListener('click', () => byId('file').click());
  byId('photograph').addEventListener('click', () => byId('camera').click());
  byId('frame').addEventListener('click', () => byId('file').click());
  byId('file').addEventListener('change', takeChosen);
  byId('camera').addEventListener('change', takeChosen);
  byId('preview').addEventListener('error', showSketch);
  byId('key-form').addEventListener('submit', useKey);
  addEventListener('paste', takePasted);
  addEventListener('drop', takeDropped);
  addEventListener('dragover', (event) => {
    if (event.target.closest?.('input, textarea')) return;
    event.preventDefault();
    byId('stage').classList.add('over');
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) byId('stage').classList.remove('over');
  });
}

async function begin() {
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) byId('modifier').textContent = '⌘';
  listen();
  const refusal = await refreshModel();
  if (refusal?.status === 401) byId('key').hidden = false;
}

begin();
