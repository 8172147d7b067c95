import { Gauge, type Registry } from 'prom-client';
import type { LatestLook, SeenLook } from './latest-look';

/** Tells Prometheus what the last look for drift found; nothing is told before there is one. */
export function createDriftMetrics(registry: Registry, latest: LatestLook): void {
  const registers = [registry];

  function gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    values: (seen: SeenLook) => readonly (readonly [Readonly<Record<string, string>>, number])[],
  ): void {
    new Gauge<string>({
      ...{ name, help, labelNames: ['model', 'version', ...labelNames], registers },
      collect() {
        const seen = latest.known();
        this.reset();
        if (seen === undefined) return;
        const { model, version } = seen.look;
        for (const [labels, value] of values(seen)) {
          this.set({ model, version: String(version), ...labels }, value);
        }
      },
    });
  }

  gauge('drover_drift_found', '1 where the last look found drift, 0 where it found none', [], ({ look }) =>
    look.verdict === 'too-few' ? [] : [[{}, Number(look.verdict === 'drift')]],
  );
  gauge(
    'drover_drift_look_timestamp_seconds',
    'When the last look was made, in seconds since 1970',
    [],
    ({ look }) => [[{}, Date.parse(look.at) / 1000]],
  );
  gauge(
    'drover_drift_window_pictures',
    'Pictures of the last window by what became of them: compared, repeated, without_picture, unreadable, labelled',
    ['what'],
    ({ look: { window } }) => [
      [{ what: 'compared' }, window.compared],
      [{ what: 'repeated' }, window.repeated],
      [{ what: 'without_picture' }, window.withoutPicture],
      [{ what: 'unreadable' }, window.unreadable],
      [{ what: 'labelled' }, window.labelled],
    ],
  );
  gauge(
    'drover_drift_too_few',
    '1 where the last window had too few pictures to tell, 0 where it had enough',
    [],
    ({ look }) => [[{}, Number(look.verdict === 'too-few')]],
  );
  gauge(
    'drover_drift_check_found',
    '1 where a check of the last look found drift, 0 where it found none; nothing of what is only shown',
    ['check', 'kind'],
    ({ look }) =>
      look.findings.checks.flatMap(({ id, kind, verdict }) =>
        verdict === 'too-few' || verdict === 'shown'
          ? []
          : [[{ check: id, kind }, Number(verdict === 'drift')] as const],
      ),
  );
  gauge(
    'drover_drift_check_statistic',
    "A check's figure, by its measure",
    ['check', 'kind', 'measure'],
    ({ look }) =>
      look.findings.checks.flatMap(({ id, kind, measure, statistic }) =>
        statistic === null ? [] : [[{ check: id, kind, measure }, statistic] as const],
      ),
  );
  gauge(
    'drover_drift_check_p',
    "A check's p value, corrected for all checks of the window",
    ['check', 'kind'],
    ({ look }) =>
      look.findings.checks.flatMap(({ id, kind, adjusted }) =>
        adjusted === null ? [] : [[{ check: id, kind }, adjusted] as const],
      ),
  );
  gauge(
    'drover_drift_waits_for_person',
    '1 while a person is asked whether a pipeline is started, 0 otherwise',
    [],
    ({ followUp }) => [[{}, Number(followUp?.state === 'waiting')]],
  );
}
