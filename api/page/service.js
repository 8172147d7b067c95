/* exported apiKey, inWaiting, patiently */

/** What the service, or the way to it, says in place of an answer. */
class Refusal extends Error {
  constructor({ title, detail = '', status = 0, request, retryAfter = 0 }) {
    super(title);
    Object.assign(this, { title, detail, status, request, retryAfter });
  }
}

/** The key that the service asks for, if it does: kept until the tab is closed, or not at all where that is not allowed. */
const apiKey = {
  place: 'drover-api-key',
  value: '',
  read() {
    try {
      this.value = sessionStorage.getItem(this.place) ?? '';
    } catch {
      // A browser that keeps nothing for this page: it is typed anew after each reload.
    }
  },
  keep(value) {
    this.value = value;
    try {
      sessionStorage.setItem(this.place, value);
    } catch {
      // As above.
    }
  },
};
apiKey.read();

/** Longer than this, in seconds, nobody waits before a page without a word of their own. */
const longestWait = 30;

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

function refusalOf(response, problem) {
  return new Refusal({
    title: problem?.title ?? `The service answered ${response.status} ${response.statusText}`.trim(),
    detail: problem?.detail ?? 'It said nothing else. Somebody who runs it can look into its log.',
    status: response.status,
    request: response.headers.get('X-Request-Id') ?? undefined,
    retryAfter: Number(response.headers.get('Retry-After') ?? 0) || 0,
  });
}

/** Asks the service once: its answer, the request's id there, and how long it took as seen from here, in milliseconds. */
async function askOnce(path, { signal, ...options } = {}) {
  const headers = new Headers(options.headers);
  if (apiKey.value !== '') headers.set('Authorization', `Bearer ${apiKey.value}`);
  const began = performance.now();
  try {
    const response = await fetch(path, { ...options, headers, signal });
    const text = await response.text();
    const milliseconds = performance.now() - began;
    const body = readJson(text);
    if (!response.ok || body === undefined) throw refusalOf(response, body);
    return { body, milliseconds, request: response.headers.get('X-Request-Id') ?? undefined };
  } catch (error) {
    if (error instanceof Refusal || signal?.aborted) throw error;
    throw new Refusal({
      title: 'The service did not answer',
      detail: 'It may be starting, or the network is away. Try again in a moment.',
    });
  }
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is said while it is waited. */
function inWaiting({ detail, retryAfter }) {
  return `${detail} This page asks again by itself in ${retryAfter} s.`;
}

/**
 * Asks the service, and once more after the time that it names where it has no room just now.
 *
 * @param onWait - Told the refusal that is waited for.
 */
async function patiently(path, options, onWait) {
  try {
    return await askOnce(path, options);
  } catch (error) {
    const comesBack = error.status === 503 || error.status === 429;
    if (!comesBack || error.retryAfter <= 0 || error.retryAfter > longestWait) throw error;
    onWait?.(error);
    await pause(error.retryAfter, options?.signal);
    return askOnce(path, options);
  }
}
