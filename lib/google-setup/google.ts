import { setTimeout as sleep } from 'node:timers/promises';
import type { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { Refusal, refusalOf } from './refusal';
import { openGoogleAuth } from '../google/open-auth';

export interface Call {
  /** `iam` of `iam.googleapis.com`. */
  readonly api: string;
  /** From the version on: `v1/projects/pets-12345/serviceAccounts`. */
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | undefined;
  readonly data?: unknown;
}

/** As much of Google as a setup needs. */
export interface Google {
  readonly project: string;
  /** Milliseconds between two looks at something that takes its time; others follow from it. */
  readonly pauseMs: number;
  /** @throws Refusal; after `busy` it was asked several times, and may be done all the same */
  ask(call: Call): Promise<unknown>;
  /** Until a long-running operation is done. @throws Refusal with what became of it */
  settle(operation: unknown, call: Pick<Call, 'api'> & { readonly version: string }): Promise<void>;
}

const longestMs = 30_000;
const mostAsked = 6;
const mostLooks = 150;

const operationSchema = z.object({
  name: z.string().optional(),
  done: z.boolean().default(false),
  error: z.object({ message: z.string().default('') }).optional(),
});

/**
 * Google's REST APIs by its authentication library alone (docs/decisions/0009). What is busy is asked again, each time after
 * twice the pause, or as Google says.
 *
 * @param endpoint - another address than Google's, without credentials: a fake's
 */
export function createGoogle(project: string, endpoint?: string, pauseMs = 2000): Google {
  let opened: Promise<GoogleAuth> | undefined;

  async function once({ api, path, method = 'GET', data }: Call): Promise<unknown> {
    try {
      const auth = await (opened ??= openGoogleAuth(endpoint));
      const url = `${endpoint ?? `https://${api}.googleapis.com`}/${path}`;
      const answer = await auth.request<unknown>({
        ...{ url, method, timeout: longestMs, retry: false },
        ...(data !== undefined && { data }),
      });
      return answer.data;
    } catch (error) {
      throw refusalOf(error, project);
    }
  }

  async function ask(call: Call): Promise<unknown> {
    for (let asked = 1; ; asked += 1) {
      try {
        return await once(call);
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== 'busy' || asked === mostAsked) throw error;
        await sleep(error.waitMs ?? (pauseMs / 4) * 2 ** asked);
      }
    }
  }

  return {
    ...{ project, pauseMs, ask },
    async settle(answer, { api, version }) {
      let operation = operationSchema.parse(answer);
      for (let looks = 0; !operation.done; looks += 1) {
        if (looks === mostLooks || operation.name === undefined) {
          throw new Refusal('busy', 'it was begun, and is not done yet: look again later');
        }
        await sleep(pauseMs);
        operation = operationSchema.parse(await ask({ api, path: `${version}/${operation.name}` }));
      }
      if (operation.error) throw new Refusal('refused', operation.error.message);
    },
  };
}
