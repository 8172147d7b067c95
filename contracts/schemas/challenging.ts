import { z } from 'zod';

/** What a challenger does beside the champion: nothing, answer in its shadow, or answer a share of the requests. */
export const challengingSchema = z
  .string()
  .regex(
    /^(off|shadow|weighted:\d{1,2}(\.\d+)?)$/,
    'expected off, shadow, or weighted: and a percentage below 100',
  )
  .default('off')
  .transform((text) => {
    if (text === 'off' || text === 'shadow') return { mode: text } as const;
    return { mode: 'weighted', share: Number(text.slice('weighted:'.length)) / 100 } as const;
  });

export type Challenging = z.output<typeof challengingSchema>;
