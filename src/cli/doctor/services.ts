/** With --online: whether the services answer, and what their clocks say. Nothing is signed, logged or logged in to. */
import { type Exchange, type Service, serviceAt } from '../../adapters/http.ts';
import { parseInstance } from '../../adapters/instance.ts';
import { deadlineIn, requestPatiently } from '../../adapters/retry.ts';
import type { Settings } from '../../adapters/settings.ts';
import { parseTrustChoice } from '../../adapters/trust/choice.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { toWishes } from '../../adapters/trust/wishes.ts';
import { PUBLIC_MIRROR } from '../../adapters/tuf/mirrors.ts';
import { isoTime } from '../../core/isoTime.ts';
import { MAX_CLOCK_SKEW_MS } from '../../core/limits.ts';
import { EXIT, isSignetError } from '../../errors.ts';
import type { Instance } from '../../ports.ts';
import { type Examined, type Finding, ok, warn, wrong } from './finding.ts';

/** Asks all of them at once; without --online, nobody. Throws SignetError `config`. */
export async function examineServices({ settings, online }: Examined): Promise<readonly Finding[]> {
  if (settings === undefined) return [];
  if (!online) return [ok('services', 'not asked; --online asks them')];
  const { instance } = parseInstance(await withServices(settings));
  const answers = await Promise.all(probesOf(instance, settings).map(ask));
  const dates = answers.flatMap(({ date }) => (date === undefined ? [] : [date]));
  return [...answers.map(({ finding }) => finding), ...clock(dates[0])];
}

interface Probe {
  readonly service: Service;
  readonly path: string;
  /** A service that only takes POST says so, and is there. */
  readonly postOnly?: boolean;
}

function probesOf(instance: Instance, settings: Settings): readonly Probe[] {
  const { fulcioUrl, rekorUrl, rekorVersion, timestampServerUrl, issuer, insecureHttp } = instance;
  const at = (name: string, setting: string, url: string) => serviceAt(name, setting, url, insecureHttp);
  const choice = parseTrustChoice(settings);
  const { mirror = PUBLIC_MIRROR } = toWishes(choice);
  return [
    { service: at('Fulcio', 'signet.fulcio', fulcioUrl), path: 'api/v2/configuration' },
    {
      service: at('Rekor', 'signet.rekor', rekorUrl),
      path: rekorVersion === 1 ? 'api/v1/log' : 'api/v2/checkpoint',
    },
    ...(timestampServerUrl === undefined
      ? []
      : [
          {
            service: at('the timestamp authority', 'signet.timestampServerURL', timestampServerUrl),
            path: '',
            postOnly: true,
          },
        ]),
    {
      service: at('the OpenID provider', 'signet.issuer', issuer),
      path: '.well-known/openid-configuration',
    },
    ...(choice.file === undefined
      ? [{ service: at('the TUF repository', 'signet.trustMirror', mirror), path: 'timestamp.json' }]
      : []),
  ];
}

/** A person waits: one more try, and not for long. */
const PATIENCE = { attemptMs: 5_000, totalMs: 8_000, retries: 1, backoffMs: 250 } as const;

async function ask({
  service,
  path,
  postOnly,
}: Probe): Promise<{ finding: Finding; date?: Date | undefined }> {
  const { origin } = service.baseUrl;
  const request: Exchange = { method: 'GET', path, answerType: '*', headers: { Accept: '*/*' } };
  try {
    const deadline = deadlineIn(PATIENCE.totalMs, new AbortController().signal);
    const { status, date } = await requestPatiently(service, request, PATIENCE, deadline);
    if (status < 300 || (postOnly && status < 500))
      return { finding: ok('services', `${service.name} at ${origin} answers`), date };
    const text = `${service.name} at ${origin} answers with ${status}, as one that is something else does.`;
    return { finding: wrong('services', text, `Check ${service.setting}`, EXIT.service), date };
  } catch (error) {
    if (!isSignetError(error)) throw error;
    return { finding: wrong('services', error.message, error.hint, error.exitCode) };
  }
}

const WORTH_A_WORD_MS = 60_000;

function clock(theirs: Date | undefined): readonly Finding[] {
  if (theirs === undefined) return [];
  const skewMs = Date.now() - theirs.getTime();
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const text = `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the services' (${isoTime(theirs)} there).`;
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS)
    return [wrong('clock', text, "Set this machine's clock.", EXIT.service)];
  if (Math.abs(skewMs) > WORTH_A_WORD_MS) return [warn('clock', text, "Set this machine's clock.")];
  return [ok('clock', 'that of the services')];
}
