/** Where a version may be taken to. */
export const targetNames = ['local', 'cloud-run'] as const;
export type TargetName = (typeof targetNames)[number];
