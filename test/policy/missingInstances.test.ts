import { expect, it } from 'vitest';
import { findMissingInstances } from '../../src/core/policy/missingInstances.ts';
import { PUBLIC_INSTANCES } from '../../src/core/policy/readPolicy.ts';
import type { PolicySigner } from '../../src/core/policyFile.ts';

const OWN = 'a'.repeat(64);
const [oldest = '', newest = ''] = PUBLIC_INSTANCES;

const identity = { value: 'alice@example.com', issuer: 'https://id.example', claims: [], committers: [] };
const alice: PolicySigner = {
  name: 'alice',
  forge: false,
  identities: [{ ...identity, type: 'email' }],
};
const bob: PolicySigner = {
  name: 'bob',
  forge: false,
  identities: [{ type: 'ssh', key: 'ssh-ed25519 AAAA', committers: [] }],
};

it.each([
  ['the one that is there', [OWN], [OWN], []],
  ['one of a private Sigstore', [OWN], PUBLIC_INSTANCES, [OWN]],
  ['one of two', [...PUBLIC_INSTANCES, OWN], PUBLIC_INSTANCES, [OWN]],
  ['the public one', PUBLIC_INSTANCES, [OWN], [...PUBLIC_INSTANCES]],
  ['an older root of the public one', PUBLIC_INSTANCES, [newest], []],
  ['a newer root of the public one', PUBLIC_INSTANCES, [oldest], []],
])('%s', (_, instances, known, missing) => {
  expect(findMissingInstances({ instances, signers: [alice, bob] }, known)).toEqual(missing);
});

it('asks nothing of the trusted root where keys alone are listed', () => {
  expect(findMissingInstances({ instances: [OWN], signers: [bob] }, [])).toEqual([]);
  expect(findMissingInstances({ instances: [OWN], signers: [bob, alice] }, [])).toEqual([OWN]);
});
