import { Failure } from '../../contracts/failures';
import { isPortFree, portHolder } from '../../native/ports';

/** A port that is about to be used, and what a user changes to use another. */
export interface PortNeed {
  readonly port: number;
  readonly host: string;
  /** What will listen there: `the API`. */
  readonly what: string;
  /** Where there is one. */
  readonly flag?: string;
  readonly variable: string;
}

/** @throws Failure `port-in-use`: which port, who holds it where that can be known, and what changes it. */
export async function checkPorts(needs: readonly PortNeed[]): Promise<void> {
  for (const need of needs) {
    if (await isPortFree(need.host, need.port)) continue;
    const holder = await portHolder(need.port);
    const who = holder
      ? `in use by ${holder.command} (process ${holder.pid})`
      : 'in use, or not allowed here';
    throw new Failure(
      'port-in-use',
      `Port ${need.port}, for ${need.what}, is ${who}. ` +
        `End that, or choose another port with ${need.flag ? `${need.flag} or ` : ''}${need.variable}.`,
    );
  }
}
