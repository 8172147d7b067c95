import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures';
import { observationsHeaderSchema, observationsVersion } from '../../contracts/schemas/observations';
import { pictureStatistics } from '../../contracts/schemas/drift';
import { requireObservations, statisticColumns, type Observations } from './observations';

/** A longer first line is none of ours. */
const mostHeader = 1000;
const newline = 0x0a;

/**
 * Observations as a file: a line of JSON that says how many there are, then embeddings, probabilities, one column for each picture statistic,
 * and labels, all in 32 bits, little-endian, each as in `Observations`. The same observations give the same bytes.
 */
export function encodeObservations(observed: Observations): Uint8Array {
  requireObservations(observed, 'observations');
  const { count, dimensions, classes, embeddings, probabilities, statistics, labels } = observed;
  const columns = [embeddings, probabilities, ...pictureStatistics.map((of) => statistics[of])];
  const numbers = Buffer.alloc(4 * lengthOf(count, dimensions, classes));
  let at = 0;
  for (const column of columns) for (const value of column) at = numbers.writeFloatLE(value, at);
  for (const label of labels) at = numbers.writeInt32LE(label, at);
  const header = {
    ...{ drover: 'observations', version: observationsVersion, count, dimensions, classes },
    sha256: createHash('sha256').update(numbers).digest('hex'),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), numbers]);
}

/**
 * @param name - How messages call the file.
 * @throws Failure `digest-mismatch` where the bytes are not such a file, of another version, cut off or changed
 */
export function decodeObservations(bytes: Uint8Array, name: string): Observations {
  const end = bytes.subarray(0, mostHeader).indexOf(newline);
  const header = end === -1 ? undefined : parseHeader(Buffer.from(bytes.subarray(0, end)).toString('utf8'));
  if (header === undefined) {
    throw unusable(name, `its first line is not that of observations of version ${observationsVersion}`);
  }
  const { count, dimensions, classes, sha256 } = header;
  const numbers = Buffer.from(bytes.subarray(end + 1));
  const expected = 4 * lengthOf(count, dimensions, classes);
  if (numbers.length !== expected) {
    throw unusable(name, `${numbers.length} bytes follow its first line where ${expected} were expected`);
  }
  if (createHash('sha256').update(numbers).digest('hex') !== sha256) {
    throw unusable(name, 'its numbers have another digest than its first line says');
  }
  let at = 0;
  const column = (length: number): Float32Array =>
    Float32Array.from({ length }, () => {
      const value = numbers.readFloatLE(at);
      at += 4;
      return value;
    });
  const observed: Observations = {
    ...{ count, dimensions, classes },
    embeddings: column(count * dimensions),
    probabilities: column(count * classes),
    statistics: statisticColumns(() => column(count)),
    labels: Int32Array.from({ length: count }, (_, picture) => numbers.readInt32LE(at + 4 * picture)),
  };
  try {
    requireObservations(observed, name);
  } catch (error) {
    throw unusable(name, error instanceof Error ? error.message : String(error));
  }
  return observed;
}

function lengthOf(count: number, dimensions: number, classes: number): number {
  return count * (dimensions + classes + pictureStatistics.length + 1);
}

function parseHeader(line: string) {
  try {
    const found = observationsHeaderSchema.safeParse(JSON.parse(line));
    return found.success ? found.data : undefined;
  } catch {
    return undefined;
  }
}

function unusable(name: string, why: string): Failure {
  return new Failure('digest-mismatch', `${name} cannot be used: ${why}. Remove it, and it is made again.`);
}
