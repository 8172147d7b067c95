/* global byId, element, inWaiting, patiently */
/* exported closeFeedback, openFeedback */

/** The values of the choices: a class has = before its name, so that none can be taken for something else. */
const somethingElse = '+';
const steps = ['wrong', 'feedback-form', 'sure', 'thanks'];

/** The answer that is spoken of, and what is about to be said of it. */
const feedback = { answer: undefined, words: undefined };

/** Shows one step of telling, hides the others, and moves the focus there. */
function showStep(step, focused) {
  for (const each of steps)
    byId(each).hidden = each !== step && !(each === 'wrong' && step === 'feedback-form');
  byId('wrong').setAttribute('aria-expanded', String(step === 'feedback-form'));
  byId('not-kept').textContent = '';
  if (focused !== undefined) byId(focused).focus();
}

function closeFeedback() {
  feedback.answer = undefined;
  byId('feedback').hidden = true;
}

/** Begins anew with an answer; one of which something was said already says so. */
function openFeedback(answer) {
  Object.assign(feedback, { answer, words: undefined });
  byId('feedback').hidden = false;
  byId('feedback-form').reset();
  const names = Object.keys(answer.probabilities).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  byId('label').replaceChildren(
    new Option('Choose…', '', true, true),
    ...names.map((name) => new Option(name, `=${name}`)),
    new Option('something else…', somethingElse),
  );
  byId('label').firstChild.disabled = true;
  showOtherField();
  if (answer.told === undefined) showStep('wrong');
  else showThanks(answer.told);
}

function showThanks(label, focused) {
  byId('thanks').replaceChildren('Thank you. It is noted as ', element('strong', {}, label), '.');
  showStep('thanks', focused);
}

function showOtherField() {
  const isOther = byId('label').value === somethingElse;
  byId('other-field').hidden = !isOther;
  byId('other').required = isOther;
}

/** A name as classes have them: “Polar bear” is polar-bear. */
function className(text) {
  return text.trim().toLowerCase().replace(/\s+/g, '-');
}

/** What the form says, or undefined where it isn't complete, which the form then shows. */
function readForm() {
  const [label, other, note] = ['label', 'other', 'note'].map((id) => byId(id));
  const isOther = label.value === somethingElse;
  const name = className(other.value);
  const isName = /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name);
  other.setCustomValidity(isOther && !isName ? 'A name has letters from a to z, digits, - and _.' : '');
  if (!byId('feedback-form').reportValidity()) return undefined;
  return {
    ...(isOther ? { label: name, new_class: true } : { label: label.value.slice(1) }),
    ...(note.value.trim() !== '' && { note: note.value.trim() }),
  };
}

function askWhetherSure() {
  feedback.words = readForm();
  if (feedback.words === undefined) return;
  const { label, new_class: isNew } = feedback.words;
  byId('sure-title').replaceChildren(
    'Say that it shows ',
    element('strong', {}, label),
    isNew ? ', which the model does not know yet? ' : '? ',
    'That cannot be taken back.',
  );
  showStep('sure', 'yes');
}

async function sendFeedback() {
  const { answer, words } = feedback;
  /** Somebody may be looking at another picture by now. */
  const complain = (title, detail) => {
    if (feedback.answer === answer) byId('not-kept').textContent = `${title}. ${detail}`;
  };
  byId('yes').disabled = true;
  try {
    const options = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(words),
    };
    await patiently(`/v1/predictions/${answer.id}/feedback`, options, (wait) =>
      complain(wait.title, inWaiting(wait)),
    );
    answer.told = words.label;
    if (feedback.answer === answer) showThanks(words.label, 'thanks');
  } catch (error) {
    complain(error.title ?? 'This page has a fault', error.detail ?? error.message);
  } finally {
    byId('yes').disabled = false;
  }
}

byId('wrong').addEventListener('click', () => {
  if (byId('feedback-form').hidden) showStep('feedback-form', 'label');
  else showStep('wrong', 'wrong');
});
byId('dismiss').addEventListener('click', () => showStep('wrong', 'wrong'));
byId('back').addEventListener('click', () => showStep('feedback-form', 'label'));
byId('yes').addEventListener('click', sendFeedback);
byId('label').addEventListener('change', showOtherField);
byId('feedback-form').addEventListener('submit', (event) => {
  event.preventDefault();
  askWhetherSure();
});
byId('other').addEventListener('input', () => byId('other').setCustomValidity(''));
byId('feedback').addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && byId('thanks').hidden) showStep('wrong', 'wrong');
});
