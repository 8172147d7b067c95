/** The type of Drover's failure at the root of a workflow's, where it is one. */
export function failureType(error: unknown): string | undefined {
  let type: string | undefined;
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string') type = at.type;
  }
  return type;
}
