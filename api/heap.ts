import { setFlagsFromString } from 'node:v8';

/** Percent by which a heap may grow between two full garbage collections; V8's own rule gives a small one some 50 to 100. */
const growingPercent = 300;

/**
 * Lets the heaps of this process's threads grow to four times what lives in them before they are collected whole: some tens of MiB more, and
 * several times fewer of the pauses that each request under way waits for. V8 counts the pictures that are held outside of a heap as well, so that a
 * service with little on its heap collects the more often (docs/decisions/0012-what-outlives-a-request.md).
 */
export function letHeapsGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}
