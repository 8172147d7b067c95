import type { IncomingMessage, ServerResponse } from 'node:http';
import { startWebServer } from './web-server';

/** `late`: the next call of it is answered as Google does while something new is not known everywhere. */
export type GcpFault = 'busy' | 'denied' | 'lost-answer' | 'late' | 'raced';

interface Binding {
  role: string;
  members: string[];
  condition?: { title: string; expression: string };
}
interface Policy {
  etag: string;
  version?: number;
  bindings: Binding[];
}

export interface FakeGcp {
  readonly origin: string;
  /** `GET v1/projects/…`, with no query, in order. */
  readonly calls: string[];
  /** APIs that are enabled, by their short names. */
  readonly enabled: Set<string>;
  readonly accounts: Map<string, Record<string, unknown>>;
  readonly buckets: Map<string, Record<string, unknown>>;
  /** Buckets of somebody else: their names are taken, and not to be seen. */
  readonly foreign: Set<string>;
  readonly repositories: Map<string, Record<string, unknown>>;
  readonly services: Map<string, Record<string, unknown>>;
  /** Cloud Run's jobs and Cloud Scheduler's, by their names. */
  readonly jobs: Map<string, Record<string, unknown>>;
  readonly schedules: Map<string, Record<string, unknown>>;
  readonly secrets: Set<string>;
  /** By resource: `projects/pets-12345`, `buckets/pets`, an account's email, a secret's name. */
  readonly policies: Map<string, Policy>;
  /** By region, of spot T4s. */
  readonly quota: Map<string, number>;
  readonly zones: string[];
  fault: (call: string, number: number) => GcpFault | undefined;
  /** Calls that changed something. */
  changes(): string[];
  stop(): Promise<void>;
}

const project = 'pets-12345';

/** A project at Google as far as `drover gcp` knows it: APIs, accounts, policies with etags, a bucket, a registry, quotas, zones. */
export async function startFakeGcp(): Promise<FakeGcp> {
  const changes: string[] = [];
  const operations = new Map<string, () => void>();
  const fake: FakeGcp = {
    origin: '',
    ...{ calls: [], enabled: new Set(), accounts: new Map(), buckets: new Map(), foreign: new Set() },
    ...{
      repositories: new Map(),
      services: new Map(),
      secrets: new Set(),
      jobs: new Map(),
      schedules: new Map(),
      policies: new Map(),
    },
    ...{ quota: new Map(), zones: [] },
    fault: () => undefined,
    changes: () => changes,
    stop: async () => undefined,
  };

  const policyOf = (resource: string): Policy => {
    const found = fake.policies.get(resource) ?? { etag: '1', bindings: [] };
    fake.policies.set(resource, found);
    return found;
  };
  const setPolicy = (resource: string, given: Policy): Answer => {
    if (given.etag !== policyOf(resource).etag) return failed(409, 'ABORTED', 'The policy has changed.');
    const unknown = given.bindings
      .flatMap(({ members }) => members)
      .find((member) => member.includes('gserviceaccount') && !fake.accounts.has(member.slice(15)));
    if (unknown !== undefined) {
      return failed(400, 'INVALID_ARGUMENT', `Service account ${unknown.slice(15)} does not exist.`);
    }
    if (given.version !== 3 && given.bindings.some(({ condition }) => condition)) {
      return failed(400, 'INVALID_ARGUMENT', 'Conditions need version 3.');
    }
    fake.policies.set(resource, { ...given, etag: `${Number(given.etag) + 1}` });
    return [200, fake.policies.get(resource)];
  };
  const begun = (work: () => void, done: boolean): Answer => {
    const name = `operations/o${operations.size}`;
    operations.set(name, work);
    if (done) work();
    return [200, { name, done }];
  };
  const shown = (found: unknown): Answer =>
    found === undefined ? failed(404, 'NOT_FOUND', 'It was not found.') : [200, found];
  const policies = (resource: string, verb: string, body: any): Answer =>
    verb === 'get' ? [200, policyOf(resource)] : setPolicy(resource, body.policy);

  /** Which API a path is of, and what it answers. */
  function routed(method: string, path: string, url: URL, body: any): [string, () => Answer] {
    const of = (pattern: RegExp): string[] | undefined => pattern.exec(path)?.slice(1);
    let found: string[] | undefined;
    if ((found = of(/^v1\/projects\/pets-12345\/services\/(\w+)\.googleapis\.com(:enable)?$/))) {
      const [name = '', enable] = found;
      return [
        'serviceusage',
        () =>
          enable === undefined
            ? [200, { state: fake.enabled.has(name) ? 'ENABLED' : 'DISABLED' }]
            : begun(() => fake.enabled.add(name), false),
      ];
    }
    if ((found = of(/^v1\/(operations\/.*)$/))) {
      const [name = ''] = found;
      return [
        'serviceusage',
        () => {
          operations.get(name)?.();
          return [200, { name, done: true }];
        },
      ];
    }
    if (path.startsWith('v1beta1/')) {
      const quotaBuckets = [
        { effectiveLimit: '0' },
        ...[...fake.quota].map(([region, limit]) => ({
          ...{ effectiveLimit: String(limit), dimensions: { region } },
        })),
      ];
      const isIts = path.endsWith('%2Fcustom_model_training_preemptible_nvidia_t4_gpus');
      return ['serviceusage', () => shown(isIts ? { consumerQuotaLimits: [{ quotaBuckets }] } : undefined)];
    }
    if ((found = of(/^v1\/projects\/pets-12345\/serviceAccounts(?:\/([^:]+))?(?::(get|set)IamPolicy)?$/))) {
      const [email, verb] = found;
      if (email === undefined) {
        const made = `${body.accountId}@${project}.iam.gserviceaccount.com`;
        if (fake.accounts.has(made)) return ['iam', () => failed(409, 'ALREADY_EXISTS', 'It exists.')];
        return ['iam', () => (fake.accounts.set(made, body.serviceAccount), [200, { email: made }])];
      }
      const account = fake.accounts.get(email);
      if (verb === undefined || account === undefined) return ['iam', () => shown(account)];
      return ['iam', () => policies(email, verb, body)];
    }
    if ((found = of(/^v3\/projects\/pets-12345:(get|set)IamPolicy$/))) {
      const [verb = ''] = found;
      return ['cloudresourcemanager', () => policies(`projects/${project}`, verb, body)];
    }
    if ((found = of(/^storage\/v1\/b(?:\/([^/]+)(\/iam)?)?$/))) {
      const [name, iam] = found;
      if (name === undefined) {
        if (fake.buckets.has(body.name) || fake.foreign.has(body.name)) {
          return ['storage', () => failed(409, 'conflict', 'The bucket exists.')];
        }
        return ['storage', () => (fake.buckets.set(body.name, body), [200, body])];
      }
      if (fake.foreign.has(name)) return ['storage', () => failed(403, 'forbidden', 'storage.buckets.get')];
      const bucket = fake.buckets.get(name);
      if (iam === undefined || bucket === undefined) return ['storage', () => shown(bucket)];
      const resource = `buckets/${name}`;
      return ['storage', () => (method === 'PUT' ? setPolicy(resource, body) : [200, policyOf(resource)])];
    }
    if ((found = of(/^v1\/projects\/pets-12345\/locations\/([^/]+)\/repositories(?:\/(.+))?$/))) {
      const [region = '', name] = found;
      const wanted = `${region}/${name ?? url.searchParams.get('repositoryId') ?? ''}`;
      if (name !== undefined) return ['artifactregistry', () => shown(fake.repositories.get(wanted))];
      return ['artifactregistry', () => begun(() => fake.repositories.set(wanted, body), true)];
    }
    if ((found = of(/^v1\/(projects\/[^/]+\/secrets\/[^:]+):(get|set)IamPolicy$/))) {
      const [name = '', verb = ''] = found;
      return [
        'secretmanager',
        () => (fake.secrets.has(name) ? policies(name, verb, body) : shown(undefined)),
      ];
    }
    if ((found = of(/^v2\/(projects\/pets-12345\/locations\/[^/]+\/operations\/.*)$/))) {
      const [name = ''] = found;
      return [
        'run',
        () => {
          operations.get(name)?.();
          return [200, { name, done: true }];
        },
      ];
    }
    if (
      (found = of(
        /^v2\/projects\/pets-12345\/locations\/([^/]+)\/jobs(?:\/([^:]+))?(?::(get|set)IamPolicy)?$/,
      ))
    ) {
      const [region = '', name, verb] = found;
      if (name === undefined) {
        const wanted = url.searchParams.get('jobId') ?? '';
        if (fake.jobs.has(wanted)) return ['run', () => failed(409, 'ALREADY_EXISTS', 'It exists.')];
        const operation = `projects/${project}/locations/${region}/operations/o${operations.size}`;
        operations.set(operation, () => fake.jobs.set(wanted, body));
        return ['run', () => [200, { name: operation }]];
      }
      const job = fake.jobs.get(name);
      if (verb === undefined || job === undefined) return ['run', () => shown(job)];
      return ['run', () => policies(`jobs/${name}`, verb, body)];
    }
    if ((found = of(/^v1\/projects\/pets-12345\/locations\/[^/]+\/jobs(?:\/([^:]+))?$/))) {
      const [name] = found;
      if (name !== undefined) return ['cloudscheduler', () => shown(fake.schedules.get(name))];
      return [
        'cloudscheduler',
        () => {
          fake.schedules.set(String(body.name).replace(/.*\//, ''), { ...body, state: 'ENABLED' });
          return [200, body];
        },
      ];
    }
    if ((found = of(/^v2\/projects\/pets-12345\/locations\/[^/]+\/services\/(.+)$/))) {
      const [name = ''] = found;
      return ['run', () => shown(fake.services.get(name))];
    }
    if (path === `compute/v1/projects/${project}/aggregated/acceleratorTypes`) {
      // A zone a page.
      const page = Number(url.searchParams.get('pageToken') ?? 0);
      const zone = fake.zones[page];
      const items = zone && { [`zones/${zone}`]: { acceleratorTypes: [{ name: 'nvidia-tesla-t4' }] } };
      const nextPageToken = page + 1 < fake.zones.length ? String(page + 1) : undefined;
      return ['compute', () => [200, { items: items ?? {}, nextPageToken }]];
    }
    return ['none', () => shown(undefined)];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake');
    const method = request.method ?? '';
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const send = ([status, body]: Answer): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const path = url.pathname.slice(1);
    const call = `${method} ${path}`;
    const fault = fake.fault(call, fake.calls.push(call) - 1);
    const [api, work] = routed(method, path, url, text === '' ? undefined : JSON.parse(text));
    if (fault === 'busy') {
      send(failed(429, 'RESOURCE_EXHAUSTED', 'Too many requests.'));
      return;
    }
    if (fault === 'denied') {
      send(failed(403, 'PERMISSION_DENIED', 'Permission denied on resource.'));
      return;
    }
    if (fault === 'late' || (api !== 'serviceusage' && !fake.enabled.has(api))) {
      send(disabled(api));
      return;
    }
    // Somebody else adds a member between reading and writing.
    if (fault === 'raced') {
      const policy = policyOf(`projects/${project}`);
      policy.bindings.push({ role: 'roles/viewer', members: ['user:somebody@example.com'] });
      policy.etag = `${Number(policy.etag) + 1}`;
    }
    const answered = work();
    const isRead = method === 'GET' || path.endsWith(':getIamPolicy');
    if (!isRead && answered[0] === 200) changes.push(call);
    if (fault === 'lost-answer') request.socket.destroy();
    else send(answered);
  }

  const { origin, stop } = await startWebServer(answer);
  return Object.assign(fake, { origin, stop });
}

type Answer = [number, unknown];

function failed(code: number, status: string, message: string): Answer {
  return [code, { error: { code, status, message } }];
}

function disabled(api: string): Answer {
  const message = `${api} API has not been used in project 123456 before or it is disabled.\nEnable it.`;
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      ...{ reason: 'SERVICE_DISABLED', metadata: { service: `${api}.googleapis.com` } },
    },
  ];
  return [403, { error: { code: 403, status: 'PERMISSION_DENIED', message, details } }];
}
