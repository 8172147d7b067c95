import { resolve } from 'node:path';
import { exportVersion } from '../../../lib/registry/export-version';
import type { Console } from '../../display/console';
import { bytes, shellWord } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { openModels, wishedVersion, type JsonFlags } from './place';

export interface ExportFlags extends JsonFlags {
  readonly out: string;
}

/** A version's files in a folder of their own, checked, and how to run them. */
export async function exportModel(
  wished: string,
  flags: ExportFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const version = await wishedVersion(wished, place);
  const folder = resolve(outside.folder, flags.out);
  const files = await exportVersion(place.store, version, folder);
  const { name, model } = version;
  if (flags.json === true) {
    out.say(JSON.stringify({ model: name, version: version.version, folder, files }, null, 2));
    return;
  }
  const { bold, dim } = out.colours;
  out.say(`${bold(`${name} version ${version.version}`)} is in ${folder}`);
  const [header, ...rows] = table(
    ['file', 'size', 'sha256'],
    files.map((file) => [file.file, bytes(file.bytes), file.sha256]),
    new Set([1]),
  );
  out.say(dim(header ?? ''));
  for (const row of rows) out.say(row);
  const { size, color, fit } = model.preprocessing;
  out.say();
  out.say('Check it   ' + `(cd ${shellWord(folder)} && sha256sum -c SHA256SUMS)`);
  out.say(
    `It takes   uint8 [batch, ${size}, ${size}, ${color === 'grey' ? 1 : 3}], ${color}, pictures scaled by "${fit}", ` +
      `and gives [batch, ${model.classes.length}] probabilities in the order of classes.json`,
  );
  out.say(
    `Run it     python3 -c "import onnxruntime as o; s = o.InferenceSession('${folder}/model.onnx'); print(s.get_inputs()[0], s.get_outputs()[0])"`,
  );
}
