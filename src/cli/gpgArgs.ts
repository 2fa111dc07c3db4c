/**
 * The command line as git and its relatives write it (gpgsm's options). Hand-made, because git starts us
 * once per object and an option parser costs more than the verification. What git asks when it verifies is told without
 * it: gitVerifyCall.ts.
 *
 * Shapes seen in the wild: `--status-fd=2 -bsau KEY` and `--status-fd=1 --verify FILE -` (git),
 * `-abu KEY` and `--verify SIGFILE DATAFILE` (jj), long options (EGit, dulwich, gitsign by hand).
 */
import { SignetError } from '../errors.ts';

export type GpgCall = SignCall | VerifyCall;

export interface SignCall {
  readonly kind: 'sign';
  readonly detached: boolean;
  readonly armor: boolean;
  /** Where status lines go; undefined for nowhere. */
  readonly statusFd: number | undefined;
  /** Payload file; undefined for standard input. */
  readonly file: string | undefined;
}

export interface VerifyCall {
  readonly kind: 'verify';
  readonly statusFd: number | undefined;
  readonly signatureFile: string;
  /** `-` for standard input. */
  readonly dataFile: string;
}

/** Long options without a value that change nothing here. */
const IGNORED = /^(batch|quiet|verbose|yes|no-[a-z-]+)$/;

/** Long options with a value that changes nothing: the login decides about the key, not the caller. */
const IGNORED_WITH_VALUE = /^(local-user|default-key|include-certs|keyid-format|digest-algo|homedir)$/;

interface Seen {
  sign: boolean;
  detached: boolean;
  armor: boolean;
  verify: boolean;
  statusFd: number | undefined;
  readonly files: string[];
}

/** Parses a gpgsm-like call. Throws SignetError `usage`. */
export function parseGpgArgs(argv: readonly string[]): GpgCall {
  const seen: Seen = {
    sign: false,
    detached: false,
    armor: false,
    verify: false,
    statusFd: undefined,
    files: [],
  };
  const rest = [...argv];
  let onlyFiles = false;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (onlyFiles || arg === '-' || !arg.startsWith('-')) seen.files.push(arg);
    else if (arg === '--') onlyFiles = true;
    else if (arg.startsWith('--')) readLong(arg, rest, seen);
    else readCluster(arg.slice(1), rest, seen);
  }
  return seen.verify ? toVerifyCall(seen) : toSignCall(seen);
}

/** The status descriptor alone, for reporting an error in a call that could not be parsed. */
export function statusFdOf(argv: readonly string[]): number | undefined {
  const at = argv.findIndex((arg) => arg === '--status-fd' || arg.startsWith('--status-fd='));
  const text = argv[at]?.split('=')[1] ?? (at < 0 ? undefined : argv[at + 1]);
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

function readLong(arg: string, rest: string[], seen: Seen): void {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const value = (): string => (equals < 0 ? takeValue(arg, rest) : arg.slice(equals + 1));
  if (name === 'status-fd') seen.statusFd = parseFd(value());
  else if (name === 'verify') seen.verify = true;
  else if (name === 'sign') seen.sign = true;
  else if (name === 'detach-sign' || name === 'detached-sign') seen.detached = true;
  else if (name === 'armor') seen.armor = true;
  else if (IGNORED_WITH_VALUE.test(name)) value();
  else if (!IGNORED.test(name)) throw usage(`unknown option --${name}`);
}

/** `-bsau KEY`, `-uKEY`: `u` takes the rest of the cluster, or the next argument, even an empty one. */
function readCluster(letters: string, rest: string[], seen: Seen): void {
  for (let i = 0; i < letters.length; i += 1) {
    const letter = letters.charAt(i);
    if (letter === 's') seen.sign = true;
    else if (letter === 'b') seen.detached = true;
    else if (letter === 'a') seen.armor = true;
    else if (letter === 'v') seen.verify = true;
    else if (letter === 'u') {
      if (i + 1 === letters.length) takeValue('-u', rest);
      return;
    } else if (letter !== 'q') throw usage(`unknown option -${letter}`);
  }
}

function takeValue(option: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw usage(`option ${option} needs a value`);
  return value;
}

function parseFd(text: string): number | undefined {
  if (text === '-1') return undefined;
  if (!/^\d{1,3}$/.test(text)) throw usage('option --status-fd needs the number of a file descriptor');
  return Number(text);
}

function toVerifyCall(seen: Seen): VerifyCall {
  if (seen.sign || seen.detached || seen.armor) throw usage('--verify goes with no option for signing');
  const [signatureFile, dataFile, ...more] = seen.files;
  if (signatureFile === undefined || dataFile === undefined || more.length > 0) {
    throw usage('--verify needs two files: the signature, and the signed data (- for standard input)');
  }
  return { kind: 'verify', statusFd: seen.statusFd, signatureFile, dataFile };
}

function toSignCall(seen: Seen): SignCall {
  if (!seen.sign && !seen.detached) throw usage('neither --sign nor --verify was asked for');
  if (seen.files.length > 1) throw usage('only one file can be signed at a time');
  const file = seen.files[0] === '-' ? undefined : seen.files[0];
  return { kind: 'sign', detached: seen.detached, armor: seen.armor, statusFd: seen.statusFd, file };
}

function usage(message: string): SignetError {
  return new SignetError(
    'usage',
    `${message}.`,
    'Commands come before options, as in git-signet config --json; git-signet --help lists them.',
  );
}
