/** Where the services are and how to log in: needed for signing only. */
import type { Instance } from '../ports.ts';
import { isLoopback } from './loopback.ts';
import { badSetting, readBoolean, readText, type SettingKey, type Settings } from './settings.ts';

export interface InstanceSettings {
  readonly instance: Instance;
  /** One sentence each, to be shown every time. */
  readonly warnings: readonly string[];
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseInstance(settings: Settings): InstanceSettings {
  const insecureHttp = readBoolean('signet.insecureHTTP', settings);
  const text = (key: SettingKey): string => readText(key, settings).value;
  const warnings: string[] = [];
  const url = (key: SettingKey): string => {
    const value = text(key);
    if (parseUrl(key, value, insecureHttp) === 'plain') {
      warnings.push(`${key} is plain http: anybody on the way can read your login.`);
    }
    return value;
  };
  const instance: Instance = {
    fulcioUrl: url('signet.fulcio').replace(/\/+$/, ''),
    rekorUrl: url('signet.rekor').replace(/\/+$/, ''),
    // Compared byte for byte with the provider's own document: a final slash counts.
    issuer: url('signet.issuer'),
    clientId: text('signet.clientID'),
    redirectUrl: text('signet.redirectURL') || undefined,
    connectorId: text('signet.connectorID') || undefined,
    insecureHttp,
  };
  return { instance, warnings };
}

/** Whether a base URL is safe to send a login to, or plain http that somebody allowed. */
function parseUrl(key: SettingKey, value: string, insecureHttp: boolean): 'safe' | 'plain' {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw badSetting(
      key,
      value,
      'is no http or https URL',
      'Give the whole URL, as in https://fulcio.example.com',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const shown = `${url.protocol}//${url.host}${url.pathname}`;
    throw badSetting(
      key,
      shown,
      'holds more than a base URL',
      'Leave out user name, password, query and fragment.',
    );
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return 'safe';
  if (insecureHttp) return 'plain';
  const hint = 'Use https, or set signet.insecureHTTP to true if you know why.';
  throw badSetting(key, value, 'is plain http beyond this machine', hint);
}
