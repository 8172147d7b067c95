import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { createLogger, type LogLevel } from '../../../lib/logging/logger';

function capture(level: LogLevel) {
  const destination = new PassThrough();
  const logger = createLogger({ level, service: 'test', destination });
  const lines = (): unknown[] =>
    String(destination.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  return { logger, lines, destination };
}

describe('createLogger', () => {
  it('writes one JSON object a line with an ISO time, the service, and the fields of its parents', () => {
    const { logger, lines } = capture('info');
    logger.child({ requestId: 'r1' }).info('answered', { status: 200 });
    expect(lines()).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'info',
        service: 'test',
        requestId: 'r1',
        message: 'answered',
        status: 200,
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = capture('warn');
    logger.info('quiet');
    logger.warn('loud');
    expect(lines()).toMatchObject([{ message: 'loud' }]);
  });

  it('spells out errors, their failure type and their cause', () => {
    const { logger, lines } = capture('info');
    const error = new Failure('not-found', 'No such model.', { cause: new Error('ENOENT') });
    logger.error('loading failed', { error });
    expect(lines()).toMatchObject([
      {
        message: 'loading failed',
        error: { type: 'not-found', message: 'No such model.', cause: { message: 'ENOENT' } },
      },
    ]);
  });

  it('survives a destination that breaks', () => {
    const { logger, destination } = capture('info');
    expect(() => destination.emit('error', new Error('EPIPE'))).not.toThrow();
    logger.info('still here');
  });
});
