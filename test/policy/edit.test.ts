/** Adding and removing signers: their own lines, nothing else. */
import { describe, expect, test } from 'vitest';
import { addSigner, removeSigner } from '../../src/adapters/policy/editPolicy.ts';
import { policyOf, SIMPLE, TEAM } from './files.ts';

describe('a signer', () => {
  const dave = { email: 'dave@example.com', issuer: 'google' };

  test('is added as one line', () => {
    const text = addSigner(TEAM, 'dave', dave);
    const line = 'dave = { email = "dave@example.com", issuer = "google" }\n';
    expect(text.replace(line, '')).toBe(TEAM);
    expect(policyOf(text).signers[0]).toMatchObject({ name: 'dave' });
  });

  test('is removed with the lines that it has, however many', () => {
    const added = addSigner(TEAM, 'dave', dave);
    expect(removeSigner(added, 'dave')).toBe(TEAM);
    const long = TEAM.replace(
      'bob = {',
      'dave = [\n  # at home\n  { email = "d@b.c", issuer = "google" },\n]\nbob = {',
    );
    expect(removeSigner(long, 'dave')).toBe(TEAM);
    const full = `${TEAM}[signers.dave]\nemail = "d@b.c"\nissuer = "google"\n`;
    expect(removeSigner(full, 'dave')).toBe(TEAM);
  });

  test('keeps line ends as they are', () => {
    const windows = TEAM.replaceAll('\n', '\r\n');
    expect(removeSigner(addSigner(windows, 'dave', dave), 'dave')).toBe(windows);
  });

  test.each([
    ['that is there already', () => addSigner(TEAM, 'alice', dave), 'already'],
    ['of no issuer', () => addSigner(TEAM, 'dave', { email: 'd@b.c' }), 'no issuer'],
    ['that would need editors', () => addSigner(SIMPLE, 'dave', dave), 'no editors'],
    [
      'in a file of another form',
      () => addSigner(SIMPLE.replace('[signers]\nalice', 'signers.alice'), 'dave', dave),
      'no line',
    ],
  ])('%s is not added', (_, add, why) => {
    expect(add).toThrow(why);
  });

  test('that is named elsewhere is not removed, and the place is said', () => {
    expect(() => removeSigner(TEAM, 'carol')).toThrow(/line \d+: No signer is called "carol"/);
    expect(() => removeSigner(TEAM, 'nobody')).toThrow('not in the policy');
  });
});
