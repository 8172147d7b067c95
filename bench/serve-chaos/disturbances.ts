import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { championAlias } from '../../contracts/names';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { putRef, sha256 } from '../../lib/storage/refs';

const name = 'animals';
const nothing = { uri: 'store://nothing', sha256: sha256('') };

/** Registers a second version beside the first: the same network, told apart by what ONNX calls its documentation. */
export async function addVersion(folder: string, onnxFile: string): Promise<void> {
  const store = createFolderStore(folder);
  const registry = createRegistry(store);
  const { model, metrics } = await registry.get(name, 1);
  // Field 6 of ModelProto, `doc_string`: a protobuf message may go on after its end.
  const text = Buffer.from('second');
  const onnx = Buffer.concat([readFileSync(onnxFile), Buffer.from([0x32, text.length]), text]);
  await registry.register({
    name,
    model: { ...model, onnx: await putRef(store, 'runs/second/model.onnx', onnx) },
    lineage: { run: 'second', result: nothing, prepared: nothing, manifest: nothing },
    evaluation: nothing,
    metrics,
  });
}

/** Moves the champion's alias to the other of the two versions. @returns that one */
export async function moveChampion(folder: string): Promise<number> {
  const registry = createRegistry(createFolderStore(folder));
  const found = await registry.alias(name, championAlias);
  const version = found?.alias.version === 1 ? 2 : 1;
  await registry.moveAlias(name, championAlias, {
    version,
    expected: found?.generation,
    by: 'bench',
    reason: 'chaos',
  });
  return version;
}

const asideOf = (folder: string) => `${folder}-away`;

/** Moves a store's folder away. A file takes its place, or the next write would begin another store there. */
export function takeStoreAway(folder: string): void {
  renameSync(folder, asideOf(folder));
  writeFileSync(folder, '');
}

/** Does nothing where it is there already. */
export function bringStoreBack(folder: string): void {
  if (!existsSync(asideOf(folder))) return;
  rmSync(folder, { force: true });
  renameSync(asideOf(folder), folder);
}

/** Signal 12 in the mask of those that a process catches; see proc(5). */
const sigusr2 = 1n << 11n;

/**
 * Has one of the API's inference threads end, by what `end-a-thread.cjs` has put into its process. Where that is not in it, the signal would
 * end the process, so it is not sent.
 */
export function endInferenceThread(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (caught === undefined || (BigInt(`0x${caught}`) & sigusr2) === 0n) return false;
  process.kill(pid, 'SIGUSR2');
  return true;
}
