import type { RegistryEvent } from '../../contracts/schemas/webhooks';

/** An event in one sentence, for people. */
export function sentenceOf(event: RegistryEvent): string {
  const { kind, model, version, alias = '', before, removed, by, reason, accuracy, deadline } = event;
  const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
  const who = by === undefined ? '' : ` by ${by}`;
  switch (kind) {
    case 'version_registered':
      return `${model} version ${version} was registered${who}${accuracy === undefined ? '' : `; accuracy ${(100 * accuracy).toFixed(1)} % on its test pictures`}.`;
    case 'alias_moved':
      if (removed === true) return `${alias} was taken from ${model} version ${version}${who}${why}`;
      return `${alias} of ${model} ${before === undefined ? 'is now' : `moved from version ${before} to`} version ${version}${who}${why}`;
    case 'promotion_waiting':
      return `${model} version ${version} waits for a person's decision${deadline === undefined ? '' : ` until ${deadline}`}${why}`;
    case 'promotion_refused':
      return `${model} version ${version} was not promoted${why}`;
    case 'drift_found':
      return `What is sent to ${model} version ${version} has drifted from what it was made of${why}${deadline === undefined ? '' : `; a person is asked until ${deadline}`}`;
    case 'test':
      return `A test of Drover's webhooks, sent${who}: nothing has happened.`;
  }
}

/** Slack's incoming webhooks; what it would take for markup, links and mentions is escaped as Slack asks. */
export function slackBody(event: RegistryEvent): unknown {
  const text = sentenceOf(event).replace(/[&<>]/g, (character) => escapes[character] ?? '');
  return { text };
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * GitHub's `repository_dispatch`: a workflow starts on `types: [drover_alias_moved]`, and finds the event in
 * `github.event.client_payload`, which may have ten keys at most.
 *
 * @see https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
 */
export function githubBody(event: RegistryEvent): unknown {
  const { id, kind, at, model, version, alias, before, by, reason, promotion } = event;
  return {
    event_type: `drover_${kind}`,
    client_payload: { id, at, model, version, alias, before, by, reason, promotion, text: sentenceOf(event) },
  };
}

/** What Drover's own format carries: the event, and a sentence for whoever only shows it. */
export function droverBody(event: RegistryEvent, delivery: string): unknown {
  return { delivery, event, text: sentenceOf(event) };
}
