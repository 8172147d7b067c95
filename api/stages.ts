/** What an answer goes through, in its order: its bytes are read, it waits for a thread, is decoded, is classified. */
export type Stage = 'receive' | 'queue' | 'decode' | 'infer';
