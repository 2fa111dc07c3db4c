import type { Target } from './target.ts';
import { ANSWERS } from './targets/answers.ts';
import { EXCHANGES } from './targets/exchanges.ts';
import { FORMATS } from './targets/formats.ts';
import { SETTINGS } from './targets/settings.ts';
import { VERIFY } from './targets/verify.ts';
import { WITNESSES } from './targets/witnesses.ts';

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [
  ...VERIFY,
  ...WITNESSES,
  ...FORMATS,
  ...ANSWERS,
  ...SETTINGS,
  ...EXCHANGES,
];
