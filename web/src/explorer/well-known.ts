import type { AttributeScope } from '@pingtrace/traceql'

/**
 * Attributes that a query is often about: stable names of OpenTelemetry's semantic
 * conventions.
 * The collector keeps no list of the names that were sent; any other one can be typed.
 */
export const wellKnownAttributes: Record<Exclude<AttributeScope, 'any'>, readonly string[]> = {
  span: [
    'http.request.method',
    'http.response.status_code',
    'http.route',
    'url.full',
    'url.path',
    'server.address',
    'server.port',
    'client.address',
    'user_agent.original',
    'error.type',
    'db.system.name',
    'db.namespace',
    'db.collection.name',
    'db.operation.name',
    'db.query.summary',
    'db.query.text',
    'network.protocol.version',
    'code.function.name',
  ],
  resource: [
    'service.name',
    'service.version',
    'service.namespace',
    'telemetry.sdk.language',
    'telemetry.sdk.name',
  ],
  event: ['exception.type', 'exception.message', 'exception.stacktrace'],
  link: [],
}

/** As they are written in a query. */
export const wellKnownValues: Record<string, readonly string[]> = {
  duration: ['10ms', '100ms', '500ms', '1s', '10s'],
  'trace:duration': ['100ms', '500ms', '1s', '10s'],
  'event:timeSinceStart': ['10ms', '100ms', '1s'],
  'event:name': ['"exception"'],
  'http.request.method': ['"GET"', '"POST"', '"PUT"', '"PATCH"', '"DELETE"'],
  'http.response.status_code': ['200', '400', '404', '500', '503'],
  'telemetry.sdk.language': ['"nodejs"', '"webjs"', '"go"', '"java"', '"python"'],
}
