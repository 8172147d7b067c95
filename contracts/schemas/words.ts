import { z } from 'zod';
import { plainWords } from '../plain-words';

/** Who asked for something. */
export const whoSchema = z.string().overwrite(plainWords).min(1).max(200);

/** Why they did, in a sentence. */
export const whySchema = z.string().overwrite(plainWords).min(1).max(2000);
