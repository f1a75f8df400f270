import type { OperationStats } from '@pingtrace/otlp'
import { equals, narrowSpans } from '../explorer/narrow-query.ts'

/** The question for the spans of an operation, among those that a query selects. */
export function operationQuery(
  query: string,
  { service, name, kind }: Pick<OperationStats, 'service' | 'name' | 'kind'>,
): string {
  const condition = [
    equals('resource.service.name', service),
    equals('name', name),
    `kind = ${kind}`,
  ].join(' && ')
  return narrowSpans(query, condition)
}
