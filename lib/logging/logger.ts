import { createLogger as createWinstonLogger, format, transports } from 'winston';
import { Failure } from '../../contracts/failures';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What a log line carries beside its message. An `Error` among them is written with its type and stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The part of winston's logger that Drover uses, so that rooms depend on no more than this. */
export interface Logger {
  error(message: string, fields?: LogFields): unknown;
  warn(message: string, fields?: LogFields): unknown;
  info(message: string, fields?: LogFields): unknown;
  debug(message: string, fields?: LogFields): unknown;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** The process that writes: `api`, `worker`, `trainer`. */
  readonly service: string;
  /** Where the lines go; the process's standard output by default. */
  readonly destination?: NodeJS.WritableStream;
}

/** JSON knows nothing of errors: an `Error` becomes `{}` unless it is spelled out. */
function describeError(error: Error): object {
  return {
    name: error.name,
    ...(error instanceof Failure ? { type: error.type } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

const spellOutErrors = format((line) => {
  for (const [name, value] of Object.entries(line)) {
    if (value instanceof Error) line[name] = describeError(value);
  }
  return line;
});

function ignoreBrokenPipe(): void {
  // Whoever read this log is gone. Losing lines is better than ending the process for it.
}

/** A logger that writes one JSON object a line: `timestamp` (ISO 8601, UTC), `level`, `service`, `message`, fields. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.destination ?? process.stdout;
  if (!stream.listeners('error').includes(ignoreBrokenPipe)) stream.on('error', ignoreBrokenPipe);
  return createWinstonLogger({
    level: options.level,
    defaultMeta: { service: options.service },
    format: format.combine(spellOutErrors(), format.timestamp(), format.json()),
    transports: [new transports.Stream({ stream })],
  });
}
