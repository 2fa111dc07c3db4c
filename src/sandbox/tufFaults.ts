/** Attacks on a TUF client (tuf-spec.md section 1.5.2), each on one file. */
import type { SandboxRequest } from './answer.ts';
import { type Metadata, newTufKey, type Signed, signMetadata, type TufKeys } from './tufMetadata.ts';

/**
 * The file as the request's fault wants it, or as it is. What is signed anew is signed by those who may,
 * save for `wrongKey`.
 */
export function spoilMetadata(
  text: string,
  { fault, at }: SandboxRequest,
  keyidsFor: (signed: Signed) => readonly string[],
  keys: TufKeys,
): string {
  switch (fault) {
    case 'truncated':
      return text.slice(0, text.length / 2);
    case 'wrongTarget':
      return text.replace(/\w(?=\W*$)/, (last) => (last === 'x' ? 'y' : 'x'));
    case 'expired':
    case 'rollback':
    case 'mixAndMatch':
    case 'wrongKey':
      break;
    default:
      return text;
  }
  const signed = signedOf(text);
  if (signed === undefined) return text;
  const keyids = keyidsFor(signed);
  if (fault === 'wrongKey') {
    return signMetadata(signed, keyids, Object.fromEntries(keyids.map((id) => [id, newTufKey().pem])));
  }
  return signMetadata(fault === 'expired' ? expired(signed, at) : older(signed), keyids, keys);
}

function signedOf(text: string): Signed | undefined {
  const { signed } = JSON.parse(text) as Partial<Metadata>;
  return signed;
}

function expired(signed: Signed, at: Date): Signed {
  const expires = new Date(at.getTime() - 60 * 60 * 1000).toISOString().replace(/\.\d+/, '');
  return { ...signed, expires };
}

/** Older than whatever a client has seen: but for the root, the sandbox begins to count at 2. */
function older(signed: Signed): Signed {
  const { meta } = signed as Signed & { meta?: Readonly<Record<string, unknown>> };
  const listed = Object.keys(meta ?? {}).map((name) => [name, { version: 1 }]);
  const first = { ...signed, version: 1 };
  return meta === undefined ? first : ({ ...first, meta: Object.fromEntries(listed) } as Signed);
}
