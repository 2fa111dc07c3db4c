/** The root.json that a private TUF repository begins with: a file, or an address and the digest it must have. */
import { hash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { MAX_TUF_ROOT_BYTES, TUF_PATIENCE } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import { serviceAt } from '../http.ts';
import { readFileBytes } from '../readBytes.ts';
import { refusalOf } from '../refusal.ts';
import { deadlineIn, requestPatiently } from '../retry.ts';

export interface InitialRoot {
  readonly bytes: Uint8Array;
  /** SHA-256, lower-case hex. */
  readonly digest: string;
  /** Of what it says about itself. */
  readonly version: number;
  readonly expires: string;
  readonly keys: number;
  readonly threshold: number;
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** Reads or fetches it; nothing about it is verified yet. Throws `config`, `service-…`. */
export async function readInitialRoot(source: string, signal: AbortSignal): Promise<InitialRoot> {
  const bytes = isUrl(source) ? await fetchRoot(source, signal) : readRoot(source);
  return describeRoot(bytes, source);
}

function readRoot(path: string): Uint8Array {
  const file = isAbsolute(path) ? path : resolve(path);
  try {
    return readFileBytes(file, MAX_TUF_ROOT_BYTES, 'config');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SignetError(
      'config',
      `The root ${file} cannot be read: ${code ?? message}.`,
      'Check --root.',
      error,
    );
  }
}

async function fetchRoot(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const service = serviceAt('TUF repository', '--root', url, true);
  const request = {
    method: 'GET',
    path: '',
    headers: { Accept: '*/*' },
    answerType: '*',
    maxBytes: MAX_TUF_ROOT_BYTES,
  } as const;
  const deadline = deadlineIn(TUF_PATIENCE.totalMs, signal);
  const answer = await requestPatiently(service, request, TUF_PATIENCE, deadline);
  if (answer.status !== 200) throw refusalOf(service, answer);
  return answer.body;
}

function describeRoot(bytes: Uint8Array, source: string): InitialRoot {
  try {
    const { signed } = JSON.parse(new TextDecoder().decode(bytes));
    const { _type, version, expires, roles } = signed;
    const { keyids, threshold } = roles.root;
    if (_type !== 'root' || !Number.isInteger(version)) throw new Error('it is of another kind');
    return {
      bytes,
      digest: hash('sha256', bytes, 'hex'),
      version,
      expires: String(expires),
      keys: new Set(keyids).size,
      threshold: Number(threshold),
    };
  } catch (error) {
    throw new SignetError(
      'config',
      `${source} is no root.json of a TUF repository.`,
      'Take the root.json that whoever runs the repository gave you.',
      error,
    );
  }
}
