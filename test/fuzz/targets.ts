import type { Target } from './target.ts';
import { ANSWERS } from './targets/answers.ts';
import { BUNDLES } from './targets/bundles.ts';
import { EXCHANGES } from './targets/exchanges.ts';
import { FORMATS } from './targets/formats.ts';
import { HISTORIES } from './targets/histories.ts';
import { LOGINS } from './targets/logins.ts';
import { PUSHES } from './targets/pushes.ts';
import { SETTINGS } from './targets/settings.ts';
import { VERIFY } from './targets/verify.ts';
import { WITNESSES } from './targets/witnesses.ts';

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [
  ...VERIFY,
  ...HISTORIES,
  ...WITNESSES,
  ...BUNDLES,
  ...FORMATS,
  ...ANSWERS,
  ...SETTINGS,
  ...PUSHES,
  ...LOGINS,
  ...EXCHANGES,
];
