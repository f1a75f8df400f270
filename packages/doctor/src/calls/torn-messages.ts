import type { Span } from '@pingtrace/otlp'
import { compare, ms, processOf, text } from '@pingtrace/trace-facts'
import type { TraceSubject } from '../trace-subject.ts'

/** A PRODUCER span and the CONSUMER span of its message, which are neither joined nor linked. */
export interface TornMessage {
  producer: Span
  consumer: Span
  /** The one of both that is in this trace. */
  here: Span
  /** Both tell the same message: otherwise only nothing else comes into question. */
  isSame: boolean
}

/** What two hosts' clocks may differ by. */
const slack = ms(100)
/** A message that lay longer in its queue is told by its id alone. */
const soon = ms(10_000)
/** Each is compared with each: of thousands only the first are. */
const mostOfEach = 300

/** Messages that were taken up in a trace of their own, with no link to where they come from. */
export function tornMessages(subject: TraceSubject): TornMessage[] {
  const { nodes, elsewhere } = subject
  const all = [...nodes.map(({ span }) => span), ...elsewhere]
  const linked = new Set(all.flatMap(({ links }) => links.map(({ spanId }) => spanId)))
  const parents = new Set(all.map(({ parentSpanId }) => parentSpanId))
  const here = new Set(nodes.map(({ span }) => span))
  const producers = all
    .filter(
      ({ kind, spanId }) => kind === 'producer' && !parents.has(spanId) && !linked.has(spanId),
    )
    .slice(0, mostOfEach)
  const consumers = all
    .filter((span) => span.kind === 'consumer' && isAlone(span))
    .slice(0, mostOfEach)
  return producers.flatMap((producer) => {
    const fitting = consumers
      .filter((consumer) => fits(producer, consumer))
      .sort((a, b) => compare(a.start, b.start))
    const same = fitting.filter(
      (consumer) => idOf(consumer) !== undefined && isSame(producer, consumer),
    )
    // Each group of consumers takes up a message once.
    const found = same.length > 0 ? same : onlyOne(fitting, producer, producers)
    return found.flatMap((consumer): TornMessage[] => {
      const mine = here.has(producer) ? producer : here.has(consumer) ? consumer : undefined
      return mine === undefined ? [] : [{ producer, consumer, here: mine, isSame: same.length > 0 }]
    })
  })
}

/** Begins a trace, with no link to another, and works on one message. */
function isAlone(span: Span): boolean {
  if (span.parentSpanId !== undefined || span.links.length > 0) return false
  const operation = text(span, 'messaging.operation.type', 'messaging.operation') ?? 'process'
  return !/^(receive|poll|settle)$/.test(operation)
}

function fits(producer: Span, consumer: Span): boolean {
  const target = targetOf(producer)
  return (
    target !== undefined &&
    target === targetOf(consumer) &&
    processOf(producer) !== processOf(consumer) &&
    consumer.start >= producer.start - slack &&
    (idOf(producer) === undefined || idOf(consumer) === undefined || isSame(producer, consumer))
  )
}

function onlyOne(consumers: Span[], producer: Span, producers: readonly Span[]): Span[] {
  const near = consumers.filter(({ start }) => start <= producer.end + soon)
  const [consumer] = near
  if (consumer === undefined || near.length > 1) return []
  return producers.filter((other) => fits(other, consumer)).length === 1 ? [consumer] : []
}

function targetOf(span: Span): string | undefined {
  const system = text(span, 'messaging.system.name', 'messaging.system')
  const name = text(span, 'messaging.destination.name', 'messaging.destination')
  return system === undefined || name === undefined ? undefined : `${system} ${name}`
}

/** Of the message, or its place in a log. */
function idOf(span: Span): string | undefined {
  const offset = text(span, 'messaging.kafka.offset', 'messaging.kafka.message.offset')
  const partition = text(
    span,
    'messaging.destination.partition.id',
    'messaging.kafka.destination.partition',
  )
  const place = offset === undefined ? undefined : `${partition ?? ''}:${offset}`
  return text(span, 'messaging.message.id') ?? place
}

function isSame(producer: Span, consumer: Span): boolean {
  return idOf(producer) === idOf(consumer)
}
