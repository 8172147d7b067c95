import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { sha256Schema } from '../../contracts/schemas/documents';
import { nameSchema } from '../../contracts/schemas/name';
import { shortVersion } from '../../lib/data/versions';
import { type AppliedFeedback, applyFeedback } from '../../lib/feedback/apply';
import { type Gathered, gatherFeedback, modelsWithFeedback } from '../../lib/feedback/items';
import { decide, findItem, type ReviewItem, shortItem, withDecisions } from '../../lib/feedback/review';
import { thumbnail } from '../../lib/images/thumbnail';
import { documentPolicy } from '../../lib/page/document';
import { counted } from '../../lib/page/figures';
import type { Store } from '../../lib/storage/store';
import { noFeedbackPage, reviewPage } from './review-page';
import { reviewScript } from './review-script';
import type { Session } from './sessions';
import { administrationStyle } from './style';

export interface ReviewRoutes {
  readonly store: Store;
  /** @throws Failure `token-refused` where nobody came in */
  readonly whoLooks: (request: Request) => Session;
  /** Does something in a person's name, and leads to a page that says what came of it. */
  readonly act: (
    request: Request,
    response: Response,
    what: string,
    work: (session: Session) => Promise<string>,
    to: string,
  ) => Promise<void>;
  readonly now?: () => number;
}

const policy = `${documentPolicy(administrationStyle, reviewScript, true)}; frame-ancestors 'none'`;

/** What was kept is read again after so long; what was decided, each time. */
const freshMs = 10_000;
const largestSide = 1024;
const mostDecided = 10;

const decisionForm = z.object({
  item: sha256Schema,
  seen: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
  action: z.enum(['accept', 'correct', 'refuse', 'undo']),
  label: z.string().trim().max(255).optional(),
});

/** The review of users' labels: one picture at a time, with three decisions. Without JavaScript, too. */
export function reviewRoutes({ store, whoLooks, act, now = Date.now }: ReviewRoutes): Router {
  const router = Router();
  const held = new Map<string, { readonly at: number; readonly gathered: Promise<Gathered> }>();
  let models: { readonly at: number; readonly names: Promise<string[]> } | undefined;

  async function namesOf(): Promise<string[]> {
    if (models === undefined || now() - models.at >= freshMs) {
      const names = modelsWithFeedback(store);
      models = { at: now(), names };
      // The next to ask tries again.
      names.catch(() => (models = undefined));
    }
    return models.names;
  }

  async function gather(model: string): Promise<Gathered> {
    const before = held.get(model);
    if (before !== undefined && now() - before.at < freshMs) return before.gathered;
    for (const [name, { at }] of held) if (now() - at >= freshMs) held.delete(name);
    const gathered = gatherFeedback(store, model);
    held.set(model, { at: now(), gathered });
    gathered.catch(() => held.delete(model));
    return gathered;
  }

  async function itemsOf(model: string): Promise<readonly ReviewItem[]> {
    return withDecisions(store, model, (await gather(model)).items);
  }

  router.get('/feedback', async (request, response) => {
    const session = whoLooks(request);
    const [first] = await namesOf();
    if (first === undefined) response.type('html').send(noFeedbackPage(session));
    else response.redirect(303, `/feedback/${first}`);
  });

  router.get('/feedback/:model', async (request, response) => {
    const session = whoLooks(request);
    const model = modelOf(request);
    const { withoutPicture } = await gather(model);
    const items = await itemsOf(model);
    const waiting = items.filter(({ state }) => state === 'waiting');
    const after = request.query['after'];
    const skipped = waiting.findIndex(({ id }) => id === after) + 1;
    const item = waiting[skipped];
    response.set('Content-Security-Policy', policy).type('html');
    response.send(
      reviewPage({
        ...{ session, model, withoutPicture, skipped, item, models: await namesOf() },
        waiting: waiting.length,
        toApply: items.filter(({ decision, state, applied }) => {
          return state !== 'waiting' && decision?.label !== undefined && !applied;
        }).length,
        after: skipped > 0 && typeof after === 'string' ? after : undefined,
        picture: item && (await pictureOf(item)),
        decided: items
          .filter(({ state }) => state !== 'waiting')
          .sort((a, b) => (b.decision?.seq ?? 0) - (a.decision?.seq ?? 0))
          .slice(0, mostDecided),
      }),
    );
    session.notice = undefined;
  });

  router.post('/feedback/:model/decisions', async (request, response) => {
    const model = modelOf(request);
    const work = async ({ principal }: Session): Promise<string> => {
      const parsed = decisionForm.safeParse(request.body);
      if (!parsed.success)
        throw new Failure('request-invalid', 'The form is not one of this page. Look again.');
      const { item: id, action, seen, label } = parsed.data;
      const items = await itemsOf(model);
      const item = findItem({ model, items, withoutPicture: 0 }, id);
      const [done] = await decide(store, model, [item], { action, label, by: principal, seen });
      const words = { accept: 'Accepted', correct: 'Corrected', refuse: 'Refused', undo: 'Undone' };
      return `${words[action]}: ${shortItem(id)}${done?.label === undefined ? '' : ` as ${done.label}`}.`;
    };
    await act(request, response, 'review', work, addressOf(model, request));
  });

  router.post('/feedback/:model/apply', async (request, response) => {
    const model = modelOf(request);
    const work = async (): Promise<string> => sentenceOf(await applyFeedback(store, { name: model }));
    await act(request, response, 'apply feedback', work, addressOf(model, request));
  });

  return router;
}

/** Back to where somebody was, with what they have left for later. */
function addressOf(model: string, request: Request): string {
  const body: unknown = request.body;
  const after = sha256Schema.safeParse(
    typeof body === 'object' && body !== null && 'after' in body ? body.after : '',
  );
  return `/feedback/${model}${after.success ? `?after=${after.data}` : ''}`;
}

/** Strangers have sent it: what is shown is a JPEG that was made of its pixels. */
async function pictureOf(item: ReviewItem): Promise<Buffer | undefined> {
  try {
    const bytes = await item.bytes();
    return bytes && (await thumbnail(bytes, largestSide));
  } catch (error) {
    if (error instanceof Failure && error.type !== 'storage-unavailable') return undefined;
    throw error;
  }
}

function sentenceOf({
  dataset,
  before,
  version,
  added,
  relabelled,
  withdrawn,
  refused,
}: AppliedFeedback): string {
  const reasons = refused.slice(0, 3).map(({ item, reason }) => `${shortItem(item)}: ${reason}`);
  const not =
    refused.length === 0 ? '' : ` ${counted(refused.length, 'picture')} not taken. ${reasons.join(' ')}`;
  if (version === before) return `${dataset} stays as it is.${not}`;
  return (
    `${dataset}@${shortVersion(version)} is the newest version: ${added.length} added, ${relabelled.length} relabelled, ` +
    `${withdrawn.length} taken out.${not}`
  );
}

function modelOf(request: Request): string {
  const name = nameSchema.safeParse(request.params['model']);
  if (name.success) return name.data;
  throw new Failure('request-invalid', 'That is no model.');
}
