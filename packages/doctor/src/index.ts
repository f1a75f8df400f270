export { type KnownService, servicesOf } from '@pingtrace/trace-facts'
export { diagnose } from './diagnose.ts'
export { diagnoseAll, looseEnds } from './diagnose-all.ts'
export {
  type Certainty,
  type Finding,
  isAtLeast,
  type Severity,
  type SpanReference,
  severities,
} from './finding.ts'
export type { Arrival, DiagnoseOptions, RefusedRequest } from './options.ts'
export { type RuleId, ruleIds } from './rule-ids.ts'
