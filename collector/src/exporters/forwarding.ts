import { lookup } from 'node:dns/promises'
import type { TracesConsumer } from '../consumer.ts'
import { Forwarder, type ForwarderOptions } from './forwarder.ts'
import { grpcTarget } from './grpc-target.ts'
import { httpTarget } from './http-target.ts'
import type { ForwardSettings } from './settings.ts'

/**
 * A forwarder to the endpoint that the settings name.
 * @param ownPorts where this collector receives
 * @returns undefined, after a line that says so, when the endpoint is this collector itself: our own
 * advice to SDKs (`export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`) leads there in a shell
 * in which a collector is started next, so that it must not fail
 */
export async function startForwarder(
  settings: ForwardSettings,
  ownPorts: readonly number[],
  options?: ForwarderOptions,
): Promise<Forwarder | undefined> {
  const { url, protocol } = settings
  if (await isOwn(url, ownPorts)) {
    console.warn(
      `collector: OTEL_EXPORTER_OTLP_ENDPOINT is this collector itself (${url.host}): nothing is forwarded`,
    )
    return undefined
  }
  const target = protocol === 'grpc' ? grpcTarget(settings) : httpTarget(settings)
  console.log(`collector: forwards to ${target.name}`)
  return new Forwarder(target, options)
}

/** We listen on loopback alone, so that another machine's port of the same number is no loop. */
async function isOwn(url: URL, ownPorts: readonly number[]): Promise<boolean> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (!ownPorts.includes(port)) return false
  const name = url.hostname.replace(/^\[|\]$/g, '')
  // A name that cannot be asked for now may be asked for later: its target is then away, not us.
  const found = await lookup(name, { all: true }).catch(() => [])
  return found.some(({ address }) => /^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address))
}

/** `store` decides what is accepted and acknowledged; what it has accepted is also forwarded. */
export function storeAndForward(store: TracesConsumer, forwarder: Forwarder): TracesConsumer {
  return {
    consumeTraces: async (request) => {
      const outcome = await store.consumeTraces(request)
      if (outcome.acceptedSpans > 0) forwarder.forward(request.payload, outcome.acceptedSpans)
      return outcome
    },
  }
}
