import type { RuleId } from '@pingtrace/doctor'

/** Broken in the page, by `brokenFetch`. */
export type PageFault =
  | 'not-injected'
  | 'injected-late'
  | 'flags-00'
  | 'skewed-clock'
  | 'lost-context'
  | 'export-fails'

/** Broken in the API, which must have been started with PINGTRACE_FAULTS=1. */
export type ApiFault = 'cors' | 'redis' | 'mongodb'

export type FaultId = PageFault | ApiFault

export interface Fault {
  label: string
  /** What is done wrong, and what becomes of the trace, in words for people. */
  story: string
  /** What the doctor is to find. */
  finding: RuleId
}

/** What can be broken on purpose: how the article's lesson is learned by getting it wrong. */
export const faults: Record<FaultId, Fault> = {
  'not-injected': {
    label: 'Do not inject',
    story:
      'The page starts its span and sends the request without a traceparent header. The API finds no parent, and begins a trace of its own.',
    finding: 'header-absent',
  },
  'injected-late': {
    label: 'Inject after the fetch',
    story:
      'The carrier is filled after fetch has read the headers. Everything looks right in the code, and nothing is sent.',
    finding: 'header-absent',
  },
  'flags-00': {
    label: 'Flags 00',
    story:
      'The header says 00, not sampled. A server that follows its caller would record nothing; ours does not let a page switch its tracing off. So both traces have the same spans; what differs is the last digit of the traceparent, and propagation.sampled = false on the span of the API.',
    finding: 'header-not-sampled',
  },
  'skewed-clock': {
    label: 'A skewed clock',
    story:
      'The clock of the page is eight hours behind, as after a wrong time zone or a long sleep.',
    finding: 'clock-skew',
  },
  'lost-context': {
    label: 'Lost context',
    story:
      'The page opens a span around the call, awaits something, and relies on the active context. A browser has none after an await: the call begins a trace of its own.',
    finding: 'context-lost',
  },
  'export-fails': {
    label: 'Collector down for the page',
    story:
      'The span of the page is never exported. The API names it as parent, and the parent does not come.',
    finding: 'parent-missing',
  },
  cors: {
    label: 'Refuse the header in CORS',
    story:
      'The API does not allow traceparent in its preflight answer, so the browser does not send the request at all. The page is told no more than that it failed.',
    finding: 'preflight-refused',
  },
  redis: {
    label: 'Redis down',
    story:
      'Nothing listens where the API looks for Redis. The trace shows the error and where it is, as the article meant it to.',
    finding: 'dependency-unreachable',
  },
  mongodb: {
    label: 'MongoDB down',
    story: 'Nothing listens where the API looks for MongoDB; its leg gives up within two seconds.',
    finding: 'dependency-unreachable',
  },
}

export const faultIds = Object.keys(faults) as FaultId[]

export function isApiFault(id: FaultId): id is ApiFault {
  return id === 'cors' || id === 'redis' || id === 'mongodb'
}
