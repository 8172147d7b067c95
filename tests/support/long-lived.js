'use strict';

const { setInterval } = require('node:timers');

// A stand-in for a long-lived process: `node long-lived.js <how>`.
//   well     runs until SIGTERM, or until standard input closes
//   deaf     ignores SIGTERM
//   broken   says why, and ends at once
const how = process.argv[2];
console.log(`${how} ${process.pid}`);
if (how === 'broken') {
  console.error('cannot find the thing');
  process.exit(3);
}
process.on('SIGTERM', () => how !== 'deaf' && process.exit(0));
if (how === 'well') process.stdin.on('end', () => process.exit(0)).resume();
setInterval(() => {}, 1000);
