import { urlsOf } from './addresses.ts';
import { ORGANISATION } from './certificates.ts';
import type { Instance } from './instance.ts';

/** The signing_config.v0.2.json of an instance (protocols 7.3), with the Rekor v2 log or without. As text. */
export function encodeSigningConfig(instance: Instance, withRekorV2: boolean): string {
  const service = (url: string, majorApiVersion = 1) => ({
    url,
    majorApiVersion,
    validFor: { start: instance.validFrom.toISOString().replace(/\.\d+/, '') },
    operator: ORGANISATION,
  });
  const { fulcioUrl, rekorUrl, rekorV2Url, timestampUrl } = urlsOf(instance.url);
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(fulcioUrl)],
    oidcUrls: [service(instance.issuer)],
    rekorTlogUrls: [...(withRekorV2 ? [service(rekorV2Url, 2)] : []), service(rekorUrl)],
    tsaUrls: [service(timestampUrl)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
