/** Which rules hold for a ref. */
import type { DefaultRule, PolicyFile, Rule } from '../policyFile.ts';
import { foldName } from './foldName.ts';
import { globMatches } from './glob.ts';

/** The rules that name a ref; all of them hold. Without any (`rules` empty), the policy's default does. */
export interface RefRules {
  /** Those about every commit. Rules with `paths` alone do not name a ref: the default then holds besides them. */
  readonly whole: readonly Rule[];
  /** Those about commits that change certain paths. */
  readonly paths: readonly Rule[];
  /** Of effect while `whole` is empty. */
  readonly default: DefaultRule;
}

/**
 * The rules of a ref by its full name, and of what it is a symbolic ref to: rules of all its names hold.
 * `ignoreCase`: on file systems that do, refs/heads/Main is refs/heads/main.
 */
export function rulesFor(policy: PolicyFile, names: readonly string[], ignoreCase = false): RefRules {
  const fold = (text: string): string => foldRef(text, ignoreCase);
  const matching = policy.rules.filter(({ refs }) =>
    refs.some((pattern) => names.some((name) => globMatches(fold(pattern), fold(name)))),
  );
  return {
    whole: matching.filter(({ paths }) => paths.length === 0),
    paths: matching.filter(({ paths }) => paths.length > 0),
    default: policy.default,
  };
}

/** The name as it is compared; where file names have no case, neither have those of refs. */
export function foldRef(name: string, ignoreCase: boolean): string {
  return ignoreCase ? foldName(name) : name;
}

/** What a ref update may do beyond adding commits: every rule has to allow it. */
export function mayUpdate(rules: RefRules, what: 'force' | 'delete' | 'update'): boolean {
  return rules.whole.length === 0 ? rules.default !== 'deny' : rules.whole.every((rule) => rule[what]);
}

/** Whether the push itself has to be signed by a listed signer. */
export function wantsPushCertificate({ whole, paths }: RefRules): boolean {
  return [...whole, ...paths].some(({ pushCert }) => pushCert === 'require');
}
