import { writeSync } from 'node:fs';
import { answerRecord, testSpool } from './kept';

/** A process to be killed: keeps one answer after the other, and prints the id of each that it was told is kept. */
function main(folder: string): void {
  const spool = testSpool(folder);
  const picture = Buffer.alloc(50_000, 7);
  for (;;) {
    const record = answerRecord();
    if (spool.keep(record, picture)) writeSync(1, `${record.id}\n`);
  }
}

main(process.argv[2] ?? '');
