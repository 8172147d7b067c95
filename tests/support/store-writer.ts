import { openStore } from '../../lib/storage/open-store';

/**
 * A process to be killed: writes one key over and over, each time all of one byte, and counts another up by
 * compare-and-swap, printing each count that it was told is kept.
 */
async function main(location: string): Promise<void> {
  const store = openStore(location);
  for (let round = 0; ; round++) {
    await store.write('killed/plain', Buffer.alloc(300_000, round % 256));
    const found = await store.readVersioned('killed/counter');
    const count = Number(found?.bytes.toString() ?? 0) + 1;
    if (await store.compareAndSwap('killed/counter', Buffer.from(String(count)), found?.generation)) {
      process.stdout.write(`${count}\n`);
    }
  }
}

void main(process.argv[2] ?? '');
