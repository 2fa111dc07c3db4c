/** The files of one TUF repository, with limits of size and time, for the TUF client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import type { Patience } from '../../core/limits.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { type Service, serviceAt } from '../http.ts';
import { refusalOf } from '../refusal.ts';
import { type Deadline, requestPatiently } from '../retry.ts';

export interface TufFetcher extends Fetcher {
  /** What the service did wrong last; the client buries it in an error of its own. */
  readonly failure: () => SignetError | undefined;
}

export interface Limits {
  readonly patience: Patience;
  readonly deadline: Deadline;
  /** Ours alone: what is downloaded lies there until it is verified. */
  readonly folder: string;
}

/** The repository as a service, for errors. Plain http is allowed: everything from there is signed. */
export function tufService(mirror: string): Service {
  return serviceAt('TUF repository', 'signet.trustMirror', mirror, true);
}

/** Fetches below the mirror's address only, whatever names the metadata hold. */
export function tufFetcher(service: Service, { patience, deadline, folder }: Limits): TufFetcher {
  let failure: SignetError | undefined;
  let files = 0;
  const downloadBytes = async (url: string, maxBytes: number): Promise<Buffer> => {
    failure = undefined;
    try {
      return await download(service, url, { patience, deadline, maxBytes });
    } catch (error) {
      if (isSignetError(error)) failure = error;
      if (error instanceof Refused) {
        failure = error.refusal;
        throw new DownloadHTTPError(error.refusal.message, error.status);
      }
      throw error;
    }
  };
  return {
    downloadBytes,
    async downloadFile(url, maxBytes, handler) {
      const file = join(folder, `download-${++files}`);
      writeFileSync(file, await downloadBytes(url, maxBytes), { flag: 'wx', mode: 0o600 });
      return handler(file);
    },
    failure: () => failure,
  };
}

class Refused extends Error {
  readonly status: number;
  readonly refusal: SignetError;
  constructor(status: number, refusal: SignetError) {
    super(refusal.message);
    this.status = status;
    this.refusal = refusal;
  }
}

async function download(
  service: Service,
  url: string,
  { patience, deadline, maxBytes }: Omit<Limits, 'folder'> & { readonly maxBytes: number },
): Promise<Buffer> {
  const { href } = service.baseUrl;
  const base = href.endsWith('/') ? href : `${href}/`;
  const path = url.startsWith(base) ? url.slice(base.length) : '';
  // A hash from the metadata is part of the name: what climbs out of the mirror would be no file of it.
  if (path === '' || /[?#\\]|\.\./.test(path)) {
    throw new SignetError(
      'service-answer',
      `The TUF repository at ${service.baseUrl.origin} names a file outside of itself.`,
      'Report this to whoever runs it.',
    );
  }
  const request = { method: 'GET', path, headers: { Accept: '*/*' }, answerType: '*', maxBytes } as const;
  const answer = await requestPatiently(service, request, patience, deadline);
  if (answer.status !== 200) throw new Refused(answer.status, refusalOf(service, answer));
  return Buffer.from(answer.body);
}
