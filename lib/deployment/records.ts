import { Failure } from '../../contracts/failures';
import { deploymentRecordSchema, type DeploymentRecord } from '../../contracts/schemas/deployment';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

const prefix = 'deployments/';
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,150}$/;

/** @throws Failure `request-invalid` where the id could not be one */
function deploymentKey(id: string): string {
  if (idPattern.test(id)) return `${prefix}${id}.json`;
  throw new Failure(
    'request-invalid',
    "That is no deployment's id: letters, digits, - and _ were expected, at most 151.",
  );
}

/** Writes a deployment's record in place of what it was. Its workflow alone does, one write after the other. */
export async function writeDeployment(store: Store, record: DeploymentRecord): Promise<void> {
  await store.write(deploymentKey(record.id), Buffer.from(canonicalJson(record)));
}

/** @throws Failure `not-found`, `request-invalid` */
export async function readDeployment(store: Store, id: string): Promise<DeploymentRecord> {
  const key = deploymentKey(id);
  return parseDocument(await store.read(key), deploymentRecordSchema, key);
}

/** The newest first. */
export async function listDeployments(store: Store): Promise<DeploymentRecord[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) if (key.endsWith('.json')) keys.push(key);
  const records: DeploymentRecord[] = [];
  // In turn: there may be thousands.
  for (const key of keys) records.push(parseDocument(await store.read(key), deploymentRecordSchema, key));
  return records.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
