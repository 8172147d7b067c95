import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { championAlias } from '../../contracts/names';
import { modelNumbersSchema } from '../../contracts/schemas/registry';
import { readPredictions } from '../../lib/predictions/read';
import { listPromotions } from '../../lib/promotion/records';
import { createRegistry } from '../../lib/registry/registry';
import { numbersKey } from '../../lib/registry/keys';
import { parseDocument } from '../../lib/storage/refs';
import { checkStore } from '../../lib/upkeep/check-store';
import { connectTo } from '../../tests/support/temporal-server';
import { doFault } from './do-fault';
import type { Installation } from './installation';
import type { Log } from './log';
import { listProcesses, orphansOf } from './processes';
import { judgeAnswers, judgeRegistry, type Window } from './promises';
import { Requests } from './requests';
import { model, pipelineId, runRound } from './round';
import { describe, type Fault } from './schedule';
import { ailing } from './well';

const requestsPerSecond = 3;
const roundPatienceMs = 8 * 60_000;
const recoveryPatienceMs = 150_000;
/** A process that has lost its parent ends by itself; how long that may take. */
const orphanPatienceMs = 40_000;

/** Takes the API away. */
const silences = (fault: Fault): boolean => ['api', 'start', 'everything'].includes(fault.target);

export interface RunWish {
  readonly installation: Installation;
  readonly faults: readonly Fault[];
  readonly seed: string;
  readonly pictures: readonly Buffer[];
  readonly log: Log;
}

/** One installation under its faults: rounds of work until all of them have been done, and what came of it. */
export class InstallationRun {
  private readonly away: Window[] = [];
  private readonly registered = new Set<number>();
  private rolledBack = 0;
  private calm = true;
  private done = 0;
  /** By how much the rest of the schedule has moved, for checks between rounds. */
  private late = 0;

  constructor(private readonly wish: RunWish) {}

  async run(): Promise<readonly string[]> {
    const { installation, log, faults } = this.wish;
    log.say(
      `── ${installation.kind}: ${faults.length} faults; starting, and a first pipeline with nothing wrong`,
    );
    await installation.up();
    const [host = '', port = ''] = installation.temporalAddress.split(':');
    const client = new Client({ connection: await connectTo(Number(port)) });
    log.say(`the server answers at ${host}:${port}`);
    try {
      await this.round(client, 0);
      await installation.waitFor(
        'the API to have a model',
        60,
        async () => (await fetch(new URL('/readyz', installation.api))).ok,
      );
      const requests = new Requests(installation.api, this.wish.pictures, () => log.now());
      const asking = requests.run(requestsPerSecond);
      const began = log.now();
      const chaos = this.doAll(client, began);
      for (let number = 1; this.done < faults.length; number += 1) await this.round(client, number);
      await chaos;
      requests.stop();
      await asking;
      log.check('answers', requests.asked.length, judgeAnswers(requests.asked, this.away));
      await installation.down();
      await this.checkKept(requests);
      this.checkNothingLeft();
      return this.told(requests);
    } finally {
      await client.connection.close();
      await installation.down();
      await installation.remove();
    }
  }

  /** The workflows of one round, then a look at everything while nothing is done to it. */
  private async round(client: Client, number: number): Promise<void> {
    const { installation, log, seed } = this.wish;
    const began = log.now();
    this.calm = false;
    const { size } = this.registered;
    log.say(
      `round ${number}: pipeline${size > 0 ? ', sweep' : ''}${size > 1 ? ', promotions, rollback' : ''}`,
    );
    const result = await runRound({
      ...{ client, store: installation.store, number, seed },
      versions: this.registered.size,
      patience: roundPatienceMs,
    });
    for (const version of result.versions) this.registered.add(version);
    this.rolledBack += result.rolledBack;
    this.calm = true;
    const paused = log.now();
    await this.untilWell(client);
    log.check('ends', result.workflows, result.wrong);
    log.check('trials', result.sweeps, result.wrongTrials);
    await this.checkRegistry();
    const report = await checkStore(installation.store);
    log.check(
      'store',
      1,
      report.problems.map(({ kind, key, what }) => `${kind} ${key}: ${what}`),
    );
    await this.checkOrphans();
    log.say(
      `round ${number} ended after ${((paused - began) / 1000).toFixed(0)} s; ` +
        `${report.objects} objects and ${report.refs} refs looked at; ${this.registered.size} versions`,
    );
    this.late += log.now() - paused;
  }

  private async doAll(client: Client, began: number): Promise<void> {
    const { faults, log } = this.wish;
    this.late = 0;
    const open: Promise<void>[] = [];
    for (const fault of faults) {
      while (this.calm || log.now() < began + fault.at + this.late) await sleep(50);
      open.push(this.doOne(fault, client));
      this.done += 1;
    }
    await Promise.all(open);
  }

  private async doOne(fault: Fault, client: Client): Promise<void> {
    const { installation, log } = this.wish;
    const from = log.now();
    const tag = `#${fault.number}`.padEnd(5);
    const window = { from, to: Infinity };
    if (silences(fault)) this.away.push(window);
    log.say(`${tag} ${describe(fault)}`);
    const done = await doFault(fault, installation);
    if (done === undefined) log.say(`${tag} there was none`);
    const over = log.now();
    const ill = new Set<string>();
    let seconds: number | undefined;
    while (log.now() - over < recoveryPatienceMs) {
      const now = await ailing(installation, client, pipelineId(0));
      for (const each of now) ill.add(each);
      // Only until it is back itself, whatever else is not. Where `start` was killed, the API that it had started ends a little later.
      const back = fault.target === 'api' ? ['api'] : ['api', 'processes'];
      if (!back.some((name) => now.includes(name))) window.to = Math.min(window.to, log.now());
      if (now.length === 0) {
        seconds = (log.now() - over) / 1000;
        break;
      }
      await sleep(250);
    }
    window.to = Math.min(window.to, log.now());
    log.recovered(fault, seconds);
    const missed = ill.size === 0 ? '' : ` (not well meanwhile: ${[...ill].join(', ')})`;
    const never = `is not well ${recoveryPatienceMs / 1000} s after it was over${missed}`;
    if (seconds !== undefined)
      log.say(`${tag} well again ${seconds.toFixed(1)} s after it was over${missed}`);
    log.check('recovers', 1, seconds === undefined ? [`${tag} ${describe(fault)}: ${never}`] : []);
  }

  private async untilWell(client: Client): Promise<void> {
    const { installation } = this.wish;
    for (const deadline = Date.now() + recoveryPatienceMs; Date.now() < deadline;) {
      if ((await ailing(installation, client, pipelineId(0))).length === 0) return;
      await sleep(500);
    }
  }

  private async checkRegistry(): Promise<void> {
    const { installation, log } = this.wish;
    const { store } = installation;
    const registry = createRegistry(store);
    const key = numbersKey(model);
    const numbers = await store.readVersioned(key);
    const wrong = judgeRegistry({
      runs: (await registry.list(model)).map(({ lineage }) => lineage.run),
      numbers: numbers ? parseDocument(numbers.bytes, modelNumbersSchema, key).runs.length : 0,
      champion: (await registry.alias(model, championAlias))?.alias,
      promotions: await listPromotions(store, model),
      registered: this.registered,
      rolledBack: this.rolledBack,
    });
    log.check('registry', 1, wrong);
  }

  private async checkOrphans(): Promise<void> {
    const { installation, log } = this.wish;
    const find = () => orphansOf(installation.home, installation.roots(), listProcesses());
    for (const deadline = Date.now() + orphanPatienceMs; Date.now() < deadline;) {
      if (find().length === 0) break;
      await sleep(500);
    }
    log.check(
      'orphans',
      1,
      find().map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`),
    );
  }

  private checkNothingLeft(): void {
    const { installation, log } = this.wish;
    const server = installation.kind === 'apart' ? installation.roots() : [];
    const left = orphansOf(installation.home, server, listProcesses());
    log.check(
      'orphans',
      1,
      left.map(({ pid, command }) => `after its end: ${pid} ${command.slice(0, 120)}`),
    );
  }

  private async checkKept({ ids }: Requests): Promise<void> {
    const { installation, log } = this.wish;
    const kept = new Set<string>();
    for await (const { record } of readPredictions(installation.store)) kept.add(record.id);
    const lost = [...ids].filter((id) => !kept.has(id));
    log.check(
      'kept',
      ids.size,
      lost.slice(0, 20).map((id) => `${id} is not`),
    );
  }

  private told({ asked, versions }: Requests): string[] {
    const { installation } = this.wish;
    const by = new Map<string, number>();
    for (const { status } of asked) {
      const what = status === undefined ? 'no answer, the API being away' : String(status);
      by.set(what, (by.get(what) ?? 0) + 1);
    }
    const answers = [...by].sort().map(([what, count]) => `${count} × ${what}`);
    return [
      `${installation.kind}: ${asked.length} requests: ${answers.join(', ')}; versions that answered: ` +
        `${[...versions.keys()].sort((a, b) => a - b).join(', ')}; \`drover start\` gave up ${installation.ended} times.`,
    ];
  }
}
