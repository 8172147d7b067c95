import { createReadStream } from 'node:fs';
import { CsvError, parse, type Info } from 'csv-parse';
import { Failure } from '../../../../contracts/failures';
import { didYouMean } from '../../../../contracts/schemas/nearest';
import { type ManifestRow, readRow } from './row';

/** In bytes; a quote that is never closed makes one row of all that follows. */
const longestRow = 1024 * 1024;

const columns = ['url', 'path', 'label', 'split', 'group', 'sha256'] as const;
type Column = (typeof columns)[number];

/** A row, or what is wrong with it; with the line that it begins at, the first being 1. */
export type NumberedRow = { readonly line: number } & (
  { readonly row: ManifestRow; readonly wrong?: undefined } | { readonly wrong: string }
);

function isColumn(name: string): name is Column {
  return (columns as readonly string[]).includes(name);
}

/** @throws Failure `source-invalid` where the header lacks a column that is needed */
function readHeader(names: readonly string[]): (Column | undefined)[] {
  const known = names.map((name) => name.trim().toLowerCase());
  const twice = known.find((name, at) => isColumn(name) && known.indexOf(name) !== at);
  if (twice !== undefined) throw new Failure('source-invalid', `The manifest has the column ${twice} twice.`);
  if (!known.includes('label') || !(known.includes('path') || known.includes('url'))) {
    const strange = known.filter((name) => !isColumn(name));
    const near =
      strange.map((name) => didYouMean(name, columns)).find((hint) => hint.includes('mean')) ?? '.';
    throw new Failure(
      'source-invalid',
      'The first line of a CSV manifest names its columns: url or path, label, and optionally split, group, sha256' +
        near,
    );
  }
  return known.map((name) => (isColumn(name) ? name : undefined));
}

function csvFailure(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error['lines'] === 'number' ? error['lines'] : 'unknown';
  return new Failure(
    'source-invalid',
    `The manifest is not CSV at line ${line} (${error.code}): a quote may not be closed, or not doubled (RFC 4180).`,
    { cause: error },
  );
}

async function* readCsv(file: string): AsyncGenerator<NumberedRow, void, undefined> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    max_record_size: longestRow,
    skip_empty_lines: true,
  });
  const stream = createReadStream(file);
  stream.once('error', (error) => parser.destroy(error));
  const records = stream.pipe(parser) as AsyncIterable<{ record: string[]; info: Info }>;
  let header: (Column | undefined)[] | undefined;
  let next = 1;
  try {
    for await (const { record, info } of records) {
      const line = next;
      next = info.lines + 1;
      if (header === undefined) {
        header = readHeader(record);
        continue;
      }
      if (record.length !== header.length) {
        yield { line, wrong: `it has ${record.length} fields, and the header ${header.length}` };
        continue;
      }
      const fields = header.flatMap((name, at) => {
        const value = record[at]?.trim() ?? '';
        return name === undefined || value === '' ? [] : [[name, value] as const];
      });
      yield { line, ...readRow(Object.fromEntries(fields)) };
    }
  } catch (error) {
    throw csvFailure(error);
  } finally {
    stream.destroy();
  }
  if (header === undefined) throw new Failure('source-invalid', 'The manifest is empty.');
}

/** Lines without their ends. @throws Failure `source-invalid` where one is longer than any row */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const piece of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > longestRow) {
      throw new Failure('source-invalid', `A line of the manifest is longer than ${longestRow} characters.`);
    }
  }
  yield rest;
}

async function* readJsonl(file: string): AsyncGenerator<NumberedRow, void, undefined> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    const json = line === 1 ? text.replace(/^\ufeff/, '') : text;
    if (json.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      yield { line, wrong: 'it is not JSON' };
      continue;
    }
    yield { line, ...readRow(value) };
  }
}

/**
 * Reads a manifest's rows: CSV (RFC 4180) with a header, or one JSON object a line (JSON Lines).
 *
 * @throws Failure `source-invalid` where the manifest as a whole cannot be read
 */
export function readRows(file: string, kind: 'csv' | 'jsonl'): AsyncGenerator<NumberedRow, void, undefined> {
  return kind === 'csv' ? readCsv(file) : readJsonl(file);
}
