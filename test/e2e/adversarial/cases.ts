/**
 * The twenty ways around an identity policy that the gate was designed against, and the tests that try each of them by
 * pushes into real repositories. test/arch/adversarialCases.test.ts holds the table to the tests.
 */

export interface Case {
  readonly what: string;
  /** Titles by file of this folder, or of the one above. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

export const CASES: Readonly<Record<number, Case>> = {
  1: {
    what: 'bad commits come by an open, hidden, borrowed or older ref first',
    tests: {
      'commits.test.ts': [
        '1: are judged again where they came by another ref',
        '1: are judged again where the ref is hidden',
        '1: are judged again where a fork lends its objects',
        '1: are judged again where their ref is older than the hook, and go on there only',
      ],
    },
  },
  2: {
    what: 'one good ref and one bad in a push',
    tests: { 'commits.test.ts': ['2: refuse the whole push'] },
  },
  3: { what: 'a replaced object', tests: { 'refs.test.ts': ['3: replaced objects are seen as they are'] } },
  4: {
    what: 'a symbolic ref; a name in other letters',
    tests: {
      'refs.test.ts': [
        '4: symbolic refs have the rules of what they lead to',
        '4: a ref has the rules of the symbolic refs that lead to it',
      ],
    },
  },
  5: {
    what: 'somebody lets themselves into the policy',
    tests: {
      'policyFile.test.ts': [
        '5: is changed by editors only, by the policy before',
        '5: is changed by an editor where a merge brings the change',
      ],
      'sideMerges.test.ts': ["5: the policy is not rolled back by a merge beside an editor's change"],
    },
  },
  6: {
    what: 'an editor adds a signer who signs in the same push',
    tests: {
      'policyFile.test.ts': [
        '6: counts from the commit that changes it on, on its own ref',
        '6: is followed by a clone past an editor whom another one has let in meanwhile',
      ],
    },
  },
  7: {
    what: 'a branch from a commit whose policy still lists who has gone',
    tests: {
      'policyFile.test.ts': ['7: of its own ref judges a branch from an old commit'],
      '../gate.test.ts': ['7: takes the policy from its ref, not from the base'],
    },
  },
  8: {
    what: 'the right address at another issuer',
    tests: { 'identities.test.ts': ['8: count with their issuer'] },
  },
  9: {
    what: 'an address that is like the right one, of another type, or one of two',
    tests: {
      'identities.test.ts': [
        '9: are compared whole, exactly and by their type',
        '9: of a domain are those with one @ and this very domain',
      ],
    },
  },
  10: {
    what: 'a reusable workflow, called from the repository of a stranger',
    tests: { 'identities.test.ts': ['10: called from another repository are not ours'] },
  },
  11: {
    what: 'the right workflow, run from a pull request or a tag',
    tests: { 'identities.test.ts': ['11: run from another ref are others'] },
  },
  12: {
    what: 'a back-dated commit by somebody who has left',
    tests: {
      'identities.test.ts': [
        "12: are the log's, whatever a commit says",
        '12: before somebody was there are none of theirs',
      ],
    },
  },
  13: {
    what: 'a revoked signer, before and after',
    tests: { 'identities.test.ts': ['13: of a revoked signer count up to the revocation'] },
  },
  14: {
    what: 'what a forge signs with its own key',
    tests: { 'forge.test.ts': ["14: a forge's merge (needs gpg)"] },
  },
  15: {
    what: 'a merge the wrong way round; a release that jumps to a side commit',
    tests: { 'commits.test.ts': ['15: the line of a ref'] },
  },
  16: {
    what: 'several signatures, or more than a signature',
    tests: { 'signatures.test.ts': ['16: of a commit', '16: of a tag'] },
  },
  17: {
    what: 'tags that are not what they say',
    tests: {
      'refs.test.ts': [
        '17: tags are what they say, where they say',
        '17: tags of releases are of commits that are there',
      ],
    },
  },
  18: {
    what: 'history that is cut, or led elsewhere',
    tests: {
      'cutHistory.test.ts': [
        '18: from a shallow clone comes no more than from a whole one',
        '18: at the gate, a checkout',
        '18: a commit whose parent is gone is not judged',
        '18: on the server',
      ],
    },
  },
  19: {
    what: 'a new policy that is none',
    tests: { 'policyFile.test.ts': ['19: stays as it was where the new one'] },
  },
  20: {
    what: 'hostile texts, long pushes, and every fault',
    tests: {
      'faults.test.ts': [
        '20: texts of strangers',
        '20: long pushes',
        '20: a fault',
        '20: a full disk',
        '20: remembered facts',
      ],
      '../gate.test.ts': ['makes commands of nothing that a stranger wrote'],
    },
  },
};
