import type { CRC32C } from '@google-cloud/storage';

/** CRC-32C (Castagnoli) of bytes that come in pieces, as Google's buckets have it: base64 of four bytes. */
export async function openCrc32c(): Promise<Pick<CRC32C, 'update' | 'toString'>> {
  const { CRC32C } = await import('@google-cloud/storage');
  return new CRC32C();
}
