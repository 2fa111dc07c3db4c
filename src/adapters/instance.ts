/** Where the services are and how to log in: needed for signing only. */
import { SignetError } from '../errors.ts';
import type { Instance } from '../ports.ts';
import { isLoopback } from './loopback.ts';
import { badSetting, readBoolean, readText, type Setting, type Settings } from './settings.ts';

export const INSTANCE_SETTINGS = {
  fulcio: { key: 'signet.fulcio', env: 'SIGNET_FULCIO_URL', standard: 'https://fulcio.sigstore.dev' },
  rekor: { key: 'signet.rekor', env: 'SIGNET_REKOR_URL', standard: 'https://rekor.sigstore.dev' },
  rekorVersion: { key: 'signet.rekorVersion', env: 'SIGNET_REKOR_VERSION', standard: '1' },
  timestampServerUrl: {
    key: 'signet.timestampServerURL',
    env: 'SIGNET_TIMESTAMP_SERVER_URL',
    standard: '',
  },
  issuer: { key: 'signet.issuer', env: 'SIGNET_OIDC_ISSUER', standard: 'https://oauth2.sigstore.dev/auth' },
  clientId: { key: 'signet.clientID', env: 'SIGNET_OIDC_CLIENT_ID', standard: 'sigstore' },
  redirectUrl: { key: 'signet.redirectURL', env: 'SIGNET_OIDC_REDIRECT_URL', standard: '' },
  connectorId: { key: 'signet.connectorID', env: 'SIGNET_CONNECTOR_ID', standard: '' },
  insecureHttp: { key: 'signet.insecureHTTP', env: '', standard: 'false' },
} as const;

export interface InstanceSettings {
  readonly instance: Instance;
  /** One sentence each, to be shown every time. */
  readonly warnings: readonly string[];
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseInstance(settings: Settings): InstanceSettings {
  const { fulcio, rekor, issuer, clientId, redirectUrl, connectorId } = INSTANCE_SETTINGS;
  const insecureHttp = readBoolean(INSTANCE_SETTINGS.insecureHttp, settings);
  const warnings: string[] = [];
  const text = (setting: Setting): string => readText(setting, settings).value;
  const url = (setting: Setting): string => {
    if (judgeUrl(setting, text(setting), insecureHttp) === 'plain') {
      warnings.push(`${setting.key} is plain http: anybody on the way can read your login.`);
    }
    return text(setting);
  };
  const instance: Instance = {
    fulcioUrl: url(fulcio).replace(/\/+$/, ''),
    rekorUrl: url(rekor).replace(/\/+$/, ''),
    rekorVersion: parseRekorVersion(text(INSTANCE_SETTINGS.rekorVersion)),
    timestampServerUrl: parseTimestampServer(text(INSTANCE_SETTINGS.timestampServerUrl)),
    // Compared byte for byte with the provider's own document: a final slash counts.
    issuer: url(issuer),
    clientId: text(clientId),
    redirectUrl: text(redirectUrl) || undefined,
    connectorId: text(connectorId) || undefined,
    insecureHttp,
  };
  refuseUntimed(instance);
  return { instance, warnings };
}

/**
 * A Rekor v2 log gives no time, and the public log is of version 1: refused here, before anybody logs in for nothing.
 * Throws `config`.
 */
export function refuseUntimed({
  rekorUrl,
  rekorVersion,
  timestampServerUrl,
}: Pick<Instance, 'rekorUrl' | 'rekorVersion' | 'timestampServerUrl'>): void {
  if (rekorVersion === 1) return;
  if (rekorUrl === INSTANCE_SETTINGS.rekor.standard) {
    throw new SignetError(
      'config',
      `Rekor v2 is asked for, but ${rekorUrl} is a log of version 1.`,
      'Set signet.rekor to a shard of Rekor v2, or leave out signet.rekorVersion.',
    );
  }
  if (timestampServerUrl === undefined) {
    throw new SignetError(
      'config',
      'A Rekor v2 log gives no time, so nothing would prove when something was signed.',
      'Set signet.timestampServerURL, as in https://timestamp.sigstore.dev/api/v1/timestamp, or leave out signet.rekorVersion.',
    );
  }
}

function parseRekorVersion(value: string): 1 | 2 {
  if (value === '1') return 1;
  if (value === '2') return 2;
  throw badSetting(
    INSTANCE_SETTINGS.rekorVersion,
    value,
    'is neither 1 nor 2',
    'Leave it out for version 1.',
  );
}

/** Plain http is no warning here: what is sent is no secret, and what comes back is signed. */
function parseTimestampServer(value: string): string | undefined {
  if (value === '') return undefined;
  judgeUrl(INSTANCE_SETTINGS.timestampServerUrl, value, true);
  return value;
}

/** Whether a base URL is safe to send a login to, or plain http that somebody allowed. */
function judgeUrl(setting: Setting, value: string, insecureHttp: boolean): 'safe' | 'plain' {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw badSetting(
      setting,
      value,
      'is no http or https URL',
      'Give the whole URL, as in https://fulcio.example.com',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const shown = `${url.protocol}//${url.host}${url.pathname}`;
    const hint = 'Leave out user name, password, query and fragment.';
    throw badSetting(setting, shown, 'holds more than a base URL', hint);
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return 'safe';
  if (insecureHttp) return 'plain';
  const hint = 'Use https, or set signet.insecureHTTP to true if you know why.';
  throw badSetting(setting, value, 'is plain http beyond this machine', hint);
}
