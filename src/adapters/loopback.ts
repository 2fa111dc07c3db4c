/** Loopback in the sense of RFC 8252 section 7.3: nobody else can listen in. `hostname` as URL gives it. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
