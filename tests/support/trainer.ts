import { writeFileSync } from 'node:fs';
import { runTrainer } from '../../lib/training/trainer-process';

/** A trainer process as `drover trainer` is one. Writes its process id to the file that it is given. */
const [, , pidFile] = process.argv;
if (pidFile !== undefined) writeFileSync(pidFile, String(process.pid));

void runTrainer();
