/** The log and the timestamp authority of an instance. What the usual log does not need is loaded only for the others. */
import type { Instance, TimestampAuthority, TransparencyLog } from '../ports.ts';
import { rekorV1 } from './rekor.ts';

export interface Witnesses {
  readonly log: TransparencyLog;
  readonly timestamps: TimestampAuthority | undefined;
}

/** Throws `config` for an address that is none. */
export async function openWitnesses({
  rekorUrl,
  rekorVersion,
  timestampServerUrl,
  insecureHttp,
}: Pick<Instance, 'rekorUrl' | 'rekorVersion' | 'timestampServerUrl' | 'insecureHttp'>): Promise<Witnesses> {
  const openLog = rekorVersion === 1 ? rekorV1 : (await import('./rekorV2.ts')).rekorV2;
  const log = openLog(rekorUrl, { insecureHttp });
  if (timestampServerUrl === undefined) return { log, timestamps: undefined };
  const { timestampAuthority } = await import('./timestampAuthority.ts');
  return { log, timestamps: timestampAuthority(timestampServerUrl) };
}
