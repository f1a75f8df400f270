import type { Span } from '@pingtrace/otlp'
import { databaseOf, methodOf, statusOf, text } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

const source = (span: Span) => `${span.service} ${span.scope.name} ${span.name}`

/** It failed by what its attributes say, and its status does not say so. */
export const errorWithoutStatus: Rule = ({ nodes }) => {
  // OK is what a person has set: they know better (specification, “Set Status”).
  const silent = nodes.filter(({ span }) => span.status.code === 'unset' && failure(span))
  return firstOfEach(silent, ({ span }) => source(span)).map(({ first: { span }, count }) =>
    makeFinding('error-without-status', {
      span,
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} failed (${failure(span)}), and its status is not ERROR.`,
      evidence: { failure: failure(span) ?? '', status: span.status.code, spans: String(count) },
      cause: 'Only the response was recorded, and the status of the span was left as it is.',
      mend: 'Set the status to ERROR: for 5xx on both sides, for 4xx on the client’s. Back ends count errors by it.',
    }),
  )
}

function failure(span: Span): string | undefined {
  const status = statusOf(span)
  if (status !== undefined && span.kind === 'client' && status >= 400) {
    return status === 404 && asksForExistence(span) ? undefined : `HTTP ${status}`
  }
  if (status !== undefined && span.kind === 'server' && status >= 500) return `HTTP ${status}`
  const code = grpcCodeOf(span)
  const codes =
    span.kind === 'client' ? clientFailures : span.kind === 'server' ? serverFailures : []
  return code !== undefined && codes.includes(code) ? `gRPC status ${code}` : undefined
}

/** “Is it there?” was answered: HEAD, `S3/HeadObject`, `indices.exists`. */
function asksForExistence(span: Span): boolean {
  const operation = text(span, 'rpc.method', 'db.operation.name', 'db.operation') ?? ''
  return methodOf(span) === 'HEAD' || /\b(Head[A-Z]\w*|exists?)$/.test(operation)
}

/**
 * By the conventions for gRPC. Of those for clients, which are all but 0, three are what somebody may
 * have wished or asked for: cancelled, not found, and there already.
 */
const clientFailures = [2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const serverFailures = [2, 4, 12, 13, 14, 15]

const grpcNames =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  )

/** A number by the names of before, a word by today's; only of gRPC, which others' codes are not. */
function grpcCodeOf(span: Span): number | undefined {
  const number = text(span, 'rpc.grpc.status_code')
  if (number !== undefined) return Number(number)
  if (text(span, 'rpc.system.name', 'rpc.system') !== 'grpc') return undefined
  const index = grpcNames.indexOf(text(span, 'rpc.status_code', 'rpc.response.status_code') ?? '')
  return index === -1 ? undefined : index
}

/** It is an error, and nothing says which: no `error.type`, no exception, no words. */
export const errorWithoutType: Rule = ({ nodes }) => {
  const untyped = nodes.filter(({ span }) => isUntyped(span))
  return firstOfEach(untyped, ({ span }) => source(span)).map(({ first: { span }, count }) =>
    makeFinding('error-without-type', {
      span,
      severity: 'info',
      certainty: 'certain',
      problem: `${nameOf(span)} has the status ERROR and no error.type.`,
      evidence: { status: 'error', message: shown(span.status.message), spans: String(count) },
      cause: 'The status was set, and the attribute was forgotten.',
      mend: 'Set error.type to a word of low cardinality: the status code, the system’s code (ECONNREFUSED) or the exception’s class.',
    }),
  )
}

function isUntyped(span: Span): boolean {
  if (span.status.code !== 'error' || text(span, 'error.type') !== undefined) return false
  if (span.events.some(({ name }) => name === 'exception')) return false
  // The conventions ask for it on HTTP and database spans, by today's names; those of before did
  // not. Of all others it is asked only that they say something.
  const isConventional = text(span, 'http.request.method', 'db.system.name') !== undefined
  const isOlder =
    text(span, 'http.method', 'rpc.system') !== undefined || databaseOf(span) !== undefined
  return isConventional || (!isOlder && span.status.message === '' && statusOf(span) === undefined)
}

/** `error.type` says that it failed, and the status does not. */
export const errorTypeWithoutStatus: Rule = ({ nodes }) => {
  const mild = nodes.filter(
    ({ span }) =>
      span.status.code === 'unset' &&
      text(span, 'error.type') !== undefined &&
      failure(span) === undefined &&
      !isCallersFault(span),
  )
  return firstOfEach(mild, ({ span }) => source(span)).map(({ first: { span }, count }) =>
    makeFinding('error-type-without-status', {
      span,
      severity: 'warning',
      certainty: 'certain',
      problem: `${nameOf(span)} has an error.type, and its status is not ERROR.`,
      evidence: {
        'error.type': shown(text(span, 'error.type')),
        status: span.status.code,
        spans: String(count),
      },
      cause: 'The attribute was set, and the status was forgotten; or the error was dealt with.',
      mend: 'Set the status to ERROR as well; leave error.type out where the operation succeeded in the end.',
    }),
  )
}

/** A 4xx is no error of the server, and some SDKs tell the status in `error.type` all the same. */
function isCallersFault(span: Span): boolean {
  const status = statusOf(span)
  return span.kind === 'server' && status !== undefined && status >= 400 && status < 500
}
