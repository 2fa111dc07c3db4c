/** Where the services of an instance are. Fulcio and Rekor v1 share the root, the others have a folder each. */
import { resolve } from 'node:path';

/** Folders of services below the instance's url. */
export const FOLDERS = { rekorV2: '/rekor2', tsa: '/tsa', tuf: '/tuf' } as const;

/** Path of the timestamp authority's endpoint. */
export const TIMESTAMP_PATH = `${FOLDERS.tsa}/api/v1/timestamp`;

/** What clients are told. URLs have no slash at the end, paths are absolute: git starts signers anywhere. */
export interface Addresses {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  readonly rekorV2Url: string;
  /** The complete endpoint. */
  readonly timestampUrl: string;
  /** The mirror, and a root.json to begin with. */
  readonly tufUrl: string;
  readonly tufRootPath: string;
  readonly trustedRootPath: string;
}

export function addressesOf(url: string, stateDir: string): Addresses {
  return {
    ...urlsOf(url),
    tufRootPath: resolve(stateDir, 'root.json'),
    trustedRootPath: resolve(stateDir, 'trusted_root.json'),
  };
}

export function urlsOf(url: string): Omit<Addresses, 'tufRootPath' | 'trustedRootPath'> {
  return {
    fulcioUrl: url,
    rekorUrl: url,
    rekorV2Url: url + FOLDERS.rekorV2,
    timestampUrl: url + TIMESTAMP_PATH,
    tufUrl: url + FOLDERS.tuf,
  };
}

/** The base url of an instance whose log and timestamp authority take this for now. */
export function urlAt(url: string, at: Date): string {
  return `${url}/at/${Math.floor(at.getTime() / 1000)}`;
}
