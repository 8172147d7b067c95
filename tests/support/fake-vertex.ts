import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { startWebServer } from './web-server';

/** What goes wrong with one call: before it has any effect, or after it has had all of it. */
export const vertexFaults = ['unavailable', 'cut', 'hang', 'lost-answer', 'quota', 'denied'] as const;
export type VertexFault = (typeof vertexFaults)[number];

const jobSchema = z.object({
  displayName: z.string(),
  labels: z.record(z.string(), z.string()),
  jobSpec: z.object({
    workerPoolSpecs: z.array(
      z.object({
        containerSpec: z.object({
          args: z.array(z.string()),
          env: z.array(z.object({ name: z.string(), value: z.string() })),
        }),
      }),
    ),
  }),
});
export type AskedJob = z.infer<typeof jobSchema>;

export interface FakeJob {
  readonly name: string;
  readonly region: string;
  readonly asked: AskedJob;
  state: string;
  createTime: string;
  startTime?: string;
  endTime?: string;
  error?: { code: number; message: string };
}

export interface FakeVertex {
  readonly origin: string;
  readonly jobs: FakeJob[];
  /** `POST europe-west4`, `GET …`, `CANCEL …`, in order. */
  readonly calls: string[];
  /** The most jobs that were ever alive at once. */
  most: number;
  /** Asked before each call; undefined where nothing goes wrong. */
  fault: (call: string, number: number) => VertexFault | undefined;
  now: () => Date;
  /** A job is there; by default it runs at once. */
  onJob: (job: FakeJob) => void;
  onCancel: (job: FakeJob) => void;
  end(job: FakeJob, state: string, error?: { code: number; message: string }): void;
  living(): FakeJob[];
  stop(): Promise<void>;
}

const over = /SUCCEEDED|FAILED|CANCELLED|EXPIRED/;

/** `customJobs` of Vertex AI's REST API, version 1: create, list by label in pages, get and cancel, in any region. */
export async function startFakeVertex(): Promise<FakeVertex> {
  const fake: FakeVertex = {
    origin: '',
    jobs: [],
    calls: [],
    most: 0,
    fault: () => undefined,
    now: () => new Date(),
    onJob: (job) => {
      job.state = 'JOB_STATE_RUNNING';
      job.startTime = fake.now().toISOString();
    },
    onCancel: (job) => fake.end(job, 'JOB_STATE_CANCELLED'),
    end(job, state, error) {
      job.state = state;
      job.endTime = fake.now().toISOString();
      if (error) job.error = error;
    },
    living: () => fake.jobs.filter(({ state }) => !over.test(state)),
    stop: async () => undefined,
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake');
    const [, project = '', region = '', id, cancel] =
      /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/customJobs(?:\/([^/:]+)(:cancel)?)?$/.exec(
        url.pathname,
      ) ?? [];
    if (project === '') {
      send(response, 404, { error: { code: 404, message: 'no such path' } });
      return;
    }
    const call = `${cancel === undefined ? (request.method ?? '') : 'CANCEL'} ${region}`;
    fake.calls.push(call);
    const fault = fake.fault(call, fake.calls.length - 1);
    const body = await bodyOf(request);
    if (fault === 'hang') return;
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'unavailable') {
      send(response, 503, failed(503, 'UNAVAILABLE', 'try again'));
      return;
    }
    if (fault === 'quota') {
      send(
        response,
        429,
        failed(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for custom_model_training_nvidia_t4_gpus'),
      );
      return;
    }
    if (fault === 'denied') {
      send(
        response,
        403,
        failed(403, 'PERMISSION_DENIED', "Permission 'aiplatform.customJobs.create' denied"),
      );
      return;
    }
    const [status, said] = done(project, region, id, cancel !== undefined, request.method ?? '', url, body);
    if (fault === 'lost-answer') return void request.socket.destroy();
    send(response, status, said);
  }

  function done(
    project: string,
    region: string,
    id: string | undefined,
    isCancel: boolean,
    method: string,
    url: URL,
    body: string,
  ): [number, unknown] {
    if (id !== undefined) {
      const job = fake.jobs.find(({ name }) => name.endsWith(`/${region}/customJobs/${id}`));
      if (!job) return [404, failed(404, 'NOT_FOUND', 'no such job')];
      if (!isCancel) return [200, shown(job)];
      if (over.test(job.state)) return [400, failed(400, 'FAILED_PRECONDITION', 'it has ended')];
      fake.onCancel(job);
      return [200, {}];
    }
    if (method === 'POST') {
      const asked = jobSchema.parse(JSON.parse(body));
      const job: FakeJob = {
        // Google answers with the project's number.
        name: `projects/123456/locations/${region}/customJobs/${1000 + fake.jobs.length}`,
        ...{ region, asked, state: 'JOB_STATE_PENDING', createTime: fake.now().toISOString() },
      };
      fake.jobs.push(job);
      fake.most = Math.max(fake.most, fake.living().length);
      fake.onJob(job);
      return [200, shown(job)];
    }
    const pool = /labels\.drover_pool="([^"]*)"/.exec(url.searchParams.get('filter') ?? '')?.[1];
    const found = fake.jobs.filter(
      (job) => job.region === region && job.asked.labels['drover_pool'] === pool,
    );
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    const page = found.slice(from, from + 3);
    const next = from + 3 < found.length ? { nextPageToken: String(from + 3) } : {};
    return [200, { customJobs: page.map(shown), ...next }];
  }

  const { origin, stop } = await startWebServer(answer);
  return Object.assign(fake, { origin, stop });
}

function shown({ asked, region: _, ...job }: FakeJob): Record<string, unknown> {
  return { ...asked, ...job };
}

function failed(code: number, status: string, message: string): unknown {
  return { error: { code, status, message } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
