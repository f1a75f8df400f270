import type { StreamState } from './live-stream.ts'

/** What is the matter with the collector, or with what it asks in turn, within a sentence; undefined while nothing is. */
export function troubleText(stream: StreamState): string | undefined {
  const { state } = stream
  if (state === 'away') return stream.isBehind ? stream.reason : 'the collector is away'
  if (state === 'hung') return 'the collector does not answer'
  if (state === 'refused') return 'the collector refuses this page'
  if (state === 'locked') return 'the collector asks for its query token'
  return undefined
}

/** The state of the connection, and what to do about it where somebody must. */
export function connectionText(stream: StreamState, page: Pick<Location, 'href'>): string {
  switch (stream.state) {
    case 'live':
      return 'Live: connected to the collector'
    case 'connecting':
      return 'Connecting to the collector…'
    case 'away':
      return `The collector is away (${stream.reason}), reconnecting…`
    case 'hung':
      return 'The collector does not answer (stopped, or very busy), reconnecting…'
    case 'locked':
      return 'The collector asks for its query token'
    case 'refused':
      return `The collector refuses this page: ${refusal(new URL(page.href))}`
  }
}

/** The same of a Jaeger behind the collector, which is polled. */
export function jaegerText(stream: StreamState, page: Pick<Location, 'href'>): string {
  if (stream.state === 'live') return 'Polling Jaeger every few seconds'
  if (stream.state === 'away' && stream.isBehind)
    return `No traces from Jaeger (${stream.reason}), asking again…`
  return connectionText(stream, page)
}

/** It lists the page's port, under the names that a machine has for itself. */
function refusal({ origin, hostname, port, protocol }: URL): string {
  // As addresses are written, the port that goes without saying is left out.
  const number = port || (protocol === 'https:' ? '443' : '80')
  const mend = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
    ? `Start it with PINGTRACE_WEB_PORT=${number}, or open the page on the port that it expects.`
    : `Open the page as http://localhost:${number}.`
  return `${origin} is not on its list of origins. ${mend}`
}
