import { describe, expect, it } from '@jest/globals';
import { releaseNotes } from '../../../.ci/release-notes.cjs';

const changelog =
  '# Changelog\n\n## Unreleased: 0.3.0\n\nNot yet.\n\n## 0.2.0 (2026-02-03)\n\nThis.\n\n### Added\n\n- That.\n\n## 0.1.0\n\nOld.\n';

describe('the notes of a release', () => {
  it('are what the CHANGELOG says of its version, and no more', () => {
    expect(releaseNotes('v0.2.0', '0.2.0', changelog)).toBe('This.\n\n### Added\n\n- That.\n');
  });

  it('are refused where the tag is not the version, or the version is not named', () => {
    expect(() => releaseNotes('v0.2.1', '0.2.0', changelog)).toThrow('expected the tag v0.2.0');
    expect(() => releaseNotes('v0.3.0', '0.3.0', changelog)).toThrow('has no heading "## 0.3.0"');
  });
});
