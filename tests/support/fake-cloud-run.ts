import type { IncomingMessage, ServerResponse } from 'node:http';
import { startWebServer, type WebServer } from './web-server';

/** What goes wrong with one call of Google's API: before it has any effect, or after it has had all of it. */
export type Fault =
  /** Answered with 503, and nothing is done. */
  | 'unavailable'
  /** The connection is cut, and nothing is done. */
  | 'cut'
  /** It is done, and the connection is cut before anybody hears of it. */
  | 'lost-answer'
  /** Nothing is done, and nobody ever answers. */
  | 'hang'
  /** Answered with 409: somebody was faster; the next call finds everything as it was. */
  | 'aborted';

interface Target {
  type?: string;
  revision?: string;
  percent?: number;
  tag?: string;
}

interface FakeRevision {
  readonly name: string;
  readonly version: number;
  readonly image: string;
  readonly ready: 'yes' | 'no';
}

/** How a revision answers, once it gets traffic. */
export interface Behaviour {
  /** Of a hundred requests. */
  readonly failing: number;
  readonly p95Ms: number;
}

export interface FakeCloudRun {
  readonly origin: string;
  /** Calls of Google's API so far: `GET service`, `PATCH service traffic`. */
  readonly calls: string[];
  /** Every traffic that was ever set, in order. */
  readonly traffics: Target[][];
  /** By the number of the call, from 0. */
  readonly faults: Map<number, Fault>;
  /** Hears of a call before it is answered, also of those of a revision's own address (`ask revision`); a promise holds the answer back. */
  onCall?: (call: string, number: number, when: 'before' | 'after') => void | Promise<void>;
  /** How a revision answers users by its share, in percent. */
  behaviour: (revision: string, percent: number) => Behaviour;
  /** What a revision's own address answers. */
  model: (version: number) => { name: string; version: number; digest: string };
  answer: (version: number) => { prediction: string; probabilities: Record<string, number> };
  /** Where a real API answers as this version: a revision's own address is passed on to it then. */
  api?: (version: number) => Promise<string>;
  /** Whether a revision becomes ready. */
  starts: (version: number) => boolean;
  /** Requests in each window, of the revision with a share. */
  requests: number;
  /** Whether tagged addresses want a token. */
  wantsToken: boolean;
  /** The API key that the API there wants, where it wants one. */
  apiKey?: string;
  /** How many pictures tagged addresses still refuse, for too much is asked. */
  limited: number;
  percentOf(revision: string): number;
  traffic(): Target[];
  template(): Record<string, unknown>;
  /** As somebody at the console would. */
  change(
    by: string,
    change: (service: { traffic: Target[]; template: Record<string, unknown> }) => void,
  ): void;
  /** As it was at first: one revision, which answers everything. */
  reset(): void;
  stop(): Promise<void>;
}

const service = 'projects/pets-12345/locations/europe-west1/services/pets';
export const fakeImage = `europe-west1-docker.pkg.dev/pets-12345/drover/api@sha256:${'a'.repeat(64)}`;
export const fakeConfig = {
  target: 'cloud-run',
  cloud_run: {
    ...{ project: 'pets-12345', region: 'europe-west1', service: 'pets', image: fakeImage },
    ...{ store: 'gs://pets/drover', metrics_lag: '1s', ready_within: '20s' },
  },
};

/**
 * A service of Cloud Run as its API has it, version 2, and what Cloud Monitoring says of its revisions: as much of both as a
 * deployment uses, over HTTP, with etags that change at every change.
 */
export async function startFakeCloudRun(): Promise<FakeCloudRun> {
  const latest = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
  let etag = 1;
  let lastModifier = 'ada@example.com';
  const first = () => ({
    traffic: [{ type: latest, percent: 100 }] as Target[],
    template: {
      revision: 'pets-00001',
      serviceAccount: 'pets@pets-12345.iam.gserviceaccount.com',
      containers: [
        {
          image: 'europe-west1-docker.pkg.dev/pets-12345/drover/api:old',
          env: [{ name: 'KEPT', value: 'yes' }],
          ports: [{ containerPort: 8080 }],
        },
      ],
    } as Record<string, unknown>,
  });
  let state = first();
  const revisions = new Map<string, FakeRevision>([
    ['pets-00001', { name: 'pets-00001', version: 1, image: 'old', ready: 'yes' }],
  ]);
  let latestReady = 'pets-00001';
  const fake: FakeCloudRun = {
    origin: '',
    calls: [],
    traffics: [],
    faults: new Map(),
    behaviour: () => ({ failing: 0, p95Ms: 40 }),
    model: (version) => ({ name: 'animals', version, digest: '0'.repeat(64) }),
    answer: () => ({ prediction: 'cat', probabilities: { cat: 0.9, dog: 0.1 } }),
    starts: () => true,
    requests: 2000,
    wantsToken: false,
    limited: 0,
    percentOf: (revision) =>
      state.traffic.reduce((sum, each) => sum + (nameOf(each) === revision ? (each.percent ?? 0) : 0), 0),
    traffic: () => state.traffic,
    template: () => state.template,
    change(by, change) {
      change(state);
      lastModifier = by;
      etag += 1;
    },
    reset() {
      state = first();
      latestReady = 'pets-00001';
      for (const name of [...revisions.keys()]) if (name !== latestReady) revisions.delete(name);
      fake.calls.length = 0;
      fake.traffics.length = 0;
      fake.faults.clear();
      etag += 1;
    },
    stop: async () => undefined,
  };

  function nameOf({ type, revision }: Target): string {
    return type === latest || revision === undefined || revision === ''
      ? latestReady
      : revision.slice(revision.lastIndexOf('/') + 1);
  }

  function document(): Record<string, unknown> {
    return {
      name: service,
      uid: 'uid',
      etag: `"${etag}"`,
      generation: String(etag),
      observedGeneration: String(etag),
      labels: { team: 'animals' },
      ingress: 'INGRESS_TRAFFIC_ALL',
      ...state,
      lastModifier,
      uri: fake.origin,
      latestReadyRevision: `${service}/revisions/${latestReady}`,
      trafficStatuses: state.traffic.map((each) => ({
        ...each,
        ...(each.tag !== undefined && { uri: `${fake.origin}/tagged/${each.tag}` }),
      })),
      terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
    };
  }

  function patch(body: Record<string, any>, mask: string[]): [number, unknown] {
    if (body['etag'] !== `"${etag}"`)
      return [409, problem(409, 'ABORTED', 'The etag is not the present one.')];
    if (mask.includes('template')) {
      const template: Record<string, any> = body['template'];
      const name: string = template['revision'];
      if (revisions.has(name)) return [409, problem(409, 'ALREADY_EXISTS', `Revision ${name} exists.`)];
      const { env, image } = template['containers'][0];
      const version = Number(env.find((each: any) => each.name === 'DROVER_MODEL_VERSION')?.value);
      const ready = fake.starts(version) ? 'yes' : 'no';
      revisions.set(name, { name, version, image, ready });
      if (ready === 'yes') latestReady = name;
      state = { ...state, template };
    }
    if (mask.includes('traffic')) {
      const traffic: Target[] = body['traffic'];
      const sum = traffic.reduce((total, each) => total + (each.percent ?? 0), 0);
      if (sum !== 100) return [400, problem(400, 'INVALID_ARGUMENT', `Traffic adds up to ${sum}.`)];
      state = { ...state, traffic };
      fake.traffics.push(traffic);
    }
    etag += 1;
    lastModifier = 'drover@pets-12345.iam.gserviceaccount.com';
    return [200, { name: 'projects/pets-12345/locations/europe-west1/operations/1', done: false }];
  }

  function revision(name: string): [number, unknown] {
    const found = revisions.get(name);
    if (!found) return [404, problem(404, 'NOT_FOUND', 'No such revision.')];
    const failed = {
      type: 'Ready',
      state: 'CONDITION_FAILED',
      message: 'The container did not listen on port 8080.',
    };
    const condition = found.ready === 'yes' ? { type: 'Ready', state: 'CONDITION_SUCCEEDED' } : failed;
    return [200, { name: `${service}/revisions/${name}`, conditions: [condition] }];
  }

  function series(filter: string): [number, unknown] {
    const name = /revision_name = "([^"]+)"/.exec(filter)?.[1] ?? '';
    const percent = fake.percentOf(name);
    const { failing, p95Ms } = fake.behaviour(name, percent);
    const requests = percent > 0 ? fake.requests : name === 'pets-00001' ? fake.requests : 0;
    const errors = Math.round((requests * failing) / 100);
    if (filter.includes('request_count')) {
      const of = (response_code_class: string, count: number) => ({
        metric: { labels: { response_code_class } },
        points: [{ value: { int64Value: String(count) } }],
      });
      return [200, { timeSeries: requests === 0 ? [] : [of('2xx', requests - errors), of('5xx', errors)] }];
    }
    const bounds = [p95Ms / 4, p95Ms / 2, p95Ms, p95Ms * 1.2];
    const counts = [0.3, 0.4, 0.25, 0.05, 0].map((share) => String(Math.round(requests * share)));
    const distributionValue = { bucketOptions: { explicitBuckets: { bounds } }, bucketCounts: counts };
    return [200, { timeSeries: requests === 0 ? [] : [{ points: [{ value: { distributionValue } }] }] }];
  }

  /** What a revision's own address answers. */
  async function tagged(path: string, request: IncomingMessage, body: Buffer): Promise<[number, unknown]> {
    const [, , tag = '', ...rest] = path.split('/');
    const target = state.traffic.find((each) => each.tag === tag);
    const found = target && revisions.get(nameOf(target));
    if (!found) return [404, 'no such tag'];
    const { authorization, 'x-serverless-authorization': token = authorization } = request.headers;
    if (fake.wantsToken && token === undefined) return [403, 'forbidden'];
    if (!hasKey(request)) return [401, 'no key'];
    if (request.method === 'POST' && fake.limited > 0) {
      fake.limited -= 1;
      return [429, 'too much'];
    }
    if (fake.api) {
      const type = request.headers['content-type'];
      const answered = await fetch(`${await fake.api(found.version)}/${rest.join('/')}`, {
        method: request.method ?? 'GET',
        ...(request.method === 'POST' && {
          body,
          headers: type === undefined ? {} : { 'content-type': type },
        }),
      });
      return [answered.status, await answered.json()];
    }
    const model = fake.model(found.version);
    return rest.join('/') === 'v1/model'
      ? [200, model]
      : [200, { id: '1', ...fake.answer(found.version), model }];
  }

  /** As the API: what stands in `Authorization` is its key, before any other header. */
  function hasKey({ headers }: IncomingMessage): boolean {
    const given = headers.authorization?.replace('Bearer ', '') ?? headers['x-api-key'];
    return fake.apiKey === undefined || given === fake.apiKey;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const send = ([status, body]: [number, unknown]): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.pathname.startsWith('/tagged/')) {
      await fake.onCall?.('ask revision', fake.calls.length, 'before');
      send(await tagged(url.pathname, request, Buffer.concat(chunks)));
      return;
    }
    if (url.pathname === '/v1/model') {
      send(hasKey(request) ? [200, fake.model(1)] : [401, 'no key']);
      return;
    }
    const isPatch = request.method === 'PATCH';
    const mask = (url.searchParams.get('updateMask') ?? '').split(',');
    const call = isPatch
      ? `PATCH ${mask.join('+')}`
      : url.pathname.includes('timeSeries')
        ? 'GET figures'
        : url.pathname.includes('/revisions/')
          ? 'GET revision'
          : 'GET service';
    const number = fake.calls.push(call) - 1;
    await fake.onCall?.(call, number, 'before');
    const fault = fake.faults.get(number);
    if (fault === 'unavailable') {
      send([503, problem(503, 'UNAVAILABLE', 'Come back later.')]);
      return;
    }
    if (fault === 'aborted') {
      send([409, problem(409, 'ABORTED', 'Somebody was faster.')]);
      return;
    }
    if (fault === 'hang') return;
    if (fault === 'cut') {
      request.socket.destroy();
      return;
    }
    const done: [number, unknown] = isPatch
      ? patch(JSON.parse(Buffer.concat(chunks).toString('utf8')), mask)
      : call === 'GET figures'
        ? series(url.searchParams.get('filter') ?? '')
        : call === 'GET revision'
          ? revision(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
          : url.pathname.endsWith('/services/pets')
            ? [200, document()]
            : [404, problem(404, 'NOT_FOUND', 'No such service.')];
    await fake.onCall?.(call, number, 'after');
    if (fault === 'lost-answer') request.socket.destroy();
    else send(done);
  }

  const { origin, stop }: WebServer = await startWebServer(answer);
  return Object.assign(fake, { origin, stop });
}

function problem(code: number, status: string, message: string): unknown {
  return { error: { code, status, message } };
}
