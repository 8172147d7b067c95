import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { nameHelp } from '../../../cli/name-help';

describe('words that a command does not take', () => {
  it('are answered with where its own help is', () => {
    const program = new Command('drover').exitOverride();
    let said = '';
    program.configureOutput({ writeErr: (text) => (said += text) });
    program.command('sweep').command('pause');
    nameHelp(program);
    expect(() => program.parse(['sweep', 'pause', 'wb'], { from: 'user' })).toThrow('too many arguments');
    expect(said).toContain('(see `drover sweep pause --help`)');
  });
});
