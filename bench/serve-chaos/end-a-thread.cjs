'use strict';

/**
 * Loaded by `--require` into the API's process: on SIGUSR2 one of its inference threads is terminated, which no program can do from outside.
 */
const threads = require('node:worker_threads');

if (threads.isMainThread && process.argv.includes('api')) {
  const running = new Set();
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, options);
      if (!String(options?.name).startsWith('inference')) return;
      running.add(this);
      this.once('exit', () => running.delete(this));
    }
  };
  process.on('SIGUSR2', () => {
    for (const thread of [...running].slice(0, 1)) void thread.terminate();
  });
}
