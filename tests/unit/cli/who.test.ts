import { userInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { whoAsks } from '../../../cli/who';

const nameless = (): never => {
  throw new Error('uv_os_get_passwd returned ENOENT (no such file or directory)');
};

describe('who asks', () => {
  it("is the system's user", () => {
    expect(whoAsks({ USER: 'somebody' }, () => ({ username: 'ada' }))).toBe('ada');
    expect(whoAsks({})).toBe(userInfo().username);
  });

  it('is named by the environment, else by number, where the system has no name, as in a container', () => {
    expect(whoAsks({ USER: 'ada', LOGNAME: 'ben' }, nameless)).toBe('ada');
    expect(whoAsks({ USER: '', LOGNAME: 'ben' }, nameless)).toBe('ben');
    expect(whoAsks({}, nameless)).toBe(`uid-${process.getuid?.()}`);
  });
});
