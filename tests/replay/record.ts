import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { localServer } from '../support/temporal';
import { scenarios } from './scenarios';

/**
 * Writes the histories that `replay.test.ts` replays, into the folder of one release:
 * `node --import tsx tests/replay/record.ts 0.2.0`, or only those of some scenarios: `… 0.2.0 deployment forms`. Histories of
 * earlier releases are never recorded again: that they still replay is what lets running sweeps survive an upgrade.
 */
async function record(release: string, names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => scenarios[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(
      `Found ${unknown.join(', ')}; there are the scenarios ${Object.keys(scenarios).join(', ')}.`,
    );
  }
  const folder = join(__dirname, 'histories', release);
  mkdirSync(folder, { recursive: true });
  const server = await localServer();
  try {
    for (const name of names.length > 0 ? names : Object.keys(scenarios)) await scenarios[name]?.(server);
    const { workflow } = server.client;
    for await (const { workflowId } of workflow.list()) {
      const history = await workflow.getHandle(workflowId).fetchHistory();
      const file = `${workflowId.replaceAll('/', '.')}.json`;
      writeFileSync(join(folder, file), `${JSON.stringify(JSON.parse(historyToJSON(history), anonymous))}\n`);
    }
  } finally {
    await server.teardown();
  }
}

/** Leaves out which machine this was recorded on. */
function anonymous(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' ? value.replaceAll(hostname(), 'recorder') : value;
}

const [release = 'next', ...names] = process.argv.slice(2);
record(release, names).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
