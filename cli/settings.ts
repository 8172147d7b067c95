import { type Settings, readSettings } from '../contracts/schemas/settings';

/** Flags that stand for settings; each is written into the environment that child processes get. */
export interface SettingFlags {
  readonly home?: string;
  readonly apiPort?: string;
  readonly temporalPort?: string;
  readonly uiPort?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with flags on top: what this process's settings are read from, and its children's too. */
export function environmentWith(flags: SettingFlags, environment: Environment): Environment {
  const set = {
    DROVER_HOME: flags.home,
    DROVER_API_PORT: flags.apiPort,
    DROVER_TEMPORAL_PORT: flags.temporalPort,
    DROVER_TEMPORAL_UI_PORT: flags.uiPort,
  };
  return {
    ...environment,
    ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)),
  };
}

/** Where a person's browser finds what this home serves. */
export function addresses(settings: Settings): { readonly api: string; readonly ui?: string } {
  const { host, port } = settings.api;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const { development } = settings.temporal;
  return {
    api: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`,
    ...(development ? { ui: `http://127.0.0.1:${development.uiPort}` } : {}),
  };
}

/** What a command is given of the outside: nothing below it reads the process's own. */
export interface Outside {
  readonly environment: Environment;
  readonly folder: string;
  /** The file that this program was started by, which starts its processes too. */
  readonly program: string;
}

export function settingsOf(flags: SettingFlags, outside: Outside): Settings {
  return readSettings(environmentWith(flags, outside.environment), outside.folder);
}
