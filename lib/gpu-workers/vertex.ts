import type { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import type { CustomJob } from './job';
import { vertexFailure } from './vertex-failures';
import { openGoogleAuth } from '../google/open-auth';

/** A job as Vertex AI tells of it: `projects.locations.customJobs`, version 1, as far as it is used here. */
const jobSchema = z.object({
  name: z.string(),
  state: z.string().default('JOB_STATE_UNSPECIFIED'),
  labels: z.record(z.string(), z.string()).default({}),
  createTime: z.string().optional(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  error: z.object({ code: z.number().optional(), message: z.string().default('') }).optional(),
});
export type VertexJob = z.infer<typeof jobSchema>;

const pageSchema = z.object({
  customJobs: z.array(jobSchema).default([]),
  nextPageToken: z.string().optional(),
});

export interface Place {
  readonly project: string;
  readonly region: string;
}

/** What is needed of Google, each call made once: the next look asks again. */
export interface VertexClient {
  /**
   * @throws VertexFailure; after one that is `unknown`, the job may be there all the same
   */
  create(place: Place, job: CustomJob): Promise<VertexJob>;
  /** Every job with the pool's label that was made since, whatever its state, in all pages. */
  list(place: Place, pool: string, since: Date): Promise<VertexJob[]>;
  /** Undefined where there is none of the name. */
  get(place: Place, name: string): Promise<VertexJob | undefined>;
  /** Asks for the end of a job; one that has ended already is fine. */
  cancel(place: Place, name: string): Promise<void>;
}

const longestMs = 20_000;
const mostPages = 50;

/**
 * Vertex AI's REST API by Google's authentication library alone: four calls don't weigh the 78 MB of its own client
 * (docs/decisions/0009).
 *
 * @param endpoint - another address than Google's, without credentials: a fake's
 * @param timeout - of one call, in milliseconds
 */
export function createVertexClient(endpoint?: string, timeout = longestMs): VertexClient {
  let opened: Promise<GoogleAuth> | undefined;
  const base = (region: string): string => endpoint ?? `https://${region}-aiplatform.googleapis.com`;

  async function call(what: string, { region, path, method = 'GET', data }: Call): Promise<unknown> {
    try {
      const auth = await (opened ??= openGoogleAuth(endpoint));
      const answer = await auth.request<unknown>({
        ...{ url: `${base(region)}/v1/${path}`, method, timeout, retry: false },
        ...(data !== undefined && { data }),
      });
      return answer.data;
    } catch (error) {
      throw vertexFailure(what, region, error);
    }
  }

  const jobsOf = ({ project, region }: Place): string => `projects/${project}/locations/${region}/customJobs`;
  return {
    create: async (place, job) =>
      jobSchema.parse(
        await call('make a job', { region: place.region, path: jobsOf(place), method: 'POST', data: job }),
      ),
    list: async (place, pool, since) => {
      const jobs: VertexJob[] = [];
      let page = '';
      for (let pages = 0; pages < mostPages; pages += 1) {
        const asked = new URLSearchParams({
          filter: `labels.drover_pool="${pool}" AND create_time>"${since.toISOString()}"`,
          pageSize: '100',
          ...(page !== '' && { pageToken: page }),
        });
        const answer = pageSchema.parse(
          await call('list its jobs', { region: place.region, path: `${jobsOf(place)}?${asked.toString()}` }),
        );
        jobs.push(...answer.customJobs);
        page = answer.nextPageToken ?? '';
        if (page === '') break;
      }
      // Whoever answers for Google decides what it filters; what is not ours is never touched.
      return jobs.filter(({ labels }) => labels['drover_pool'] === pool);
    },
    get: async (place, name) => {
      try {
        return jobSchema.parse(
          await call('show a job', { region: place.region, path: ownName(place, name) }),
        );
      } catch (error) {
        if (vertexFailure('show a job', place.region, error).kind === 'absent') return undefined;
        throw error;
      }
    },
    cancel: async (place, name) => {
      try {
        const path = `${ownName(place, name)}:cancel`;
        await call('cancel a job', { region: place.region, path, method: 'POST', data: {} });
      } catch (error) {
        const { kind } = vertexFailure('cancel a job', place.region, error);
        // Not there, or not in a state to be cancelled: the next look sees which.
        if (kind !== 'absent' && kind !== 'too-late') throw error;
      }
    },
  };
}

interface Call {
  readonly region: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly data?: unknown;
}

/** The number that Google gave it, under our own place: the project is told by its number in answers. */
function ownName({ project, region }: Place, name: string): string {
  return `projects/${project}/locations/${region}/customJobs/${encodeURIComponent(name.slice(name.lastIndexOf('/') + 1))}`;
}
