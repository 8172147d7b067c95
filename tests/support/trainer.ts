/** A trainer process as `drover trainer` starts it, without the CLI. */
import { runTrainer } from '../../lib/training/trainer-process';

void runTrainer();
