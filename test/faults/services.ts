/** Everything that is asked over the network, as one kind of thing. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCodeFlow } from '../../src/adapters/oidc/provider.ts';
import { rekorV2 } from '../../src/adapters/rekorV2.ts';
import { timestampAuthority } from '../../src/adapters/timestampAuthority.ts';
import { embeddedRoot } from '../../src/adapters/tuf/refresh.ts';
import { updateTrust } from '../../src/adapters/tuf/update.ts';
import type { Patience } from '../../src/core/limits.ts';
import { CLIENTS, SOME_DER } from '../services/clients.ts';

export interface AskedService {
  readonly name: string;
  /** Of a good answer. */
  readonly type: string;
  readonly status: number;
  readonly ask: (url: string, patience: Patience) => Promise<unknown>;
}

const proposed = { digest: Buffer.alloc(32, 1), signature: Buffer.from([1, 2, 3]), certificate: SOME_DER };
const signal = () => AbortSignal.timeout(30_000);

export const SERVICES: readonly AskedService[] = [
  ...CLIENTS.map(
    ({ name, ask, good }): AskedService => ({
      name,
      type: 'application/json',
      status: good.status,
      ask: (url, patience) => ask(url, { patience }),
    }),
  ),
  {
    name: 'Rekor v2',
    type: 'application/json',
    status: 201,
    ask: (url, patience) => rekorV2(url, { patience }).upload(proposed, signal()),
  },
  {
    name: 'TSA',
    type: 'application/timestamp-reply',
    status: 200,
    ask: (url, patience) =>
      timestampAuthority(`${url}/api/v1/timestamp`, { patience }).requestTimestamp(
        Buffer.alloc(70, 3),
        signal(),
      ),
  },
];

/** Its time is its own: nothing makes it shorter for tests. */
export const LOGIN: AskedService = {
  name: 'Login service',
  type: 'application/json',
  status: 200,
  ask: (url) =>
    startCodeFlow(
      {
        instance: {
          fulcioUrl: '',
          rekorUrl: '',
          rekorVersion: 1,
          timestampServerUrl: undefined,
          issuer: url,
          clientId: 'sigstore',
          redirectUrl: undefined,
          connectorId: undefined,
          insecureHttp: false,
        },
        clock: () => new Date(),
        signal: signal(),
      },
      'http://localhost:1/auth/callback',
      'state',
    ),
};

/** Rejects with what was kept as cause of an error of the test's own, where anything was. */
export const TUF: AskedService = {
  name: 'TUF repository',
  type: 'application/json',
  status: 200,
  ask: async (mirror, patience) => {
    const home = mkdtempSync(join(tmpdir(), 'signet-faults-'));
    const folder = join(home, 'git-signet/tuf/mirror');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      const env = { HOME: home, XDG_RUNTIME_DIR: home };
      const request = { mirror, folder, env, initialRoot: embeddedRoot(), patience, signal: signal() };
      return await updateTrust(request).finally(() => {
        const kept = readdirSync(folder);
        if (kept.length > 0) throw new Error(`something was kept: ${kept.join(', ')}`);
      });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};
