/** One request of a case, and what whoever answers it must make of its headers. */
export interface Exchange {
  /** Header lines, in their order. */
  headers: readonly (readonly [name: string, value: string])[]
  /** Why a new trace begins; undefined where the caller's is continued. */
  extraction: 'absent' | 'malformed' | 'duplicated' | undefined
  /** What is passed on; empty for no such header. */
  tracestate: string
  /** Whether the random flag is passed on. */
  random: boolean
  /** How many calls the service has to make; one, unless the case is about more. */
  calls: number
}

export interface Case {
  /** Its name in the W3C's harness, without `test_`. */
  name: string
  exchanges: readonly Exchange[]
}

export const TRACE_ID = '5b8efff798038103d269b633813fc60c'
export const PARENT_ID = 'eee19b7ec3c1b174'

const valid = `00-${TRACE_ID}-${PARENT_ID}-01`
/** The valid header with one of its parts replaced. */
const parent = (parts: { version?: string; trace?: string; span?: string; flags?: string }) =>
  [
    parts.version ?? '00',
    parts.trace ?? TRACE_ID,
    parts.span ?? PARENT_ID,
    parts.flags ?? '01',
  ].join('-')

const exchange = (given: Partial<Exchange>): Exchange => ({
  headers: [],
  extraction: undefined,
  tracestate: '',
  random: given.extraction !== undefined, // Whoever begins a trace knows that its id is random.
  calls: 1,
  ...given,
})

/** Requests with this `traceparent` each, whose trace is continued. */
const continued = (...values: string[]) =>
  values.map((value) => exchange({ headers: [['traceparent', value]] }))

/** Requests with this `traceparent` each, which names no parent. */
const restarted = (...values: string[]) =>
  values.map((value) => exchange({ headers: [['traceparent', value]], extraction: 'malformed' }))

/** A request with these `tracestate` lines, and what is passed on of them. */
const state = (lines: string[], tracestate: string) =>
  exchange({
    headers: [['traceparent', valid], ...lines.map((line) => ['tracestate', line] as const)],
    tracestate,
  })

const members = (count: number) =>
  Array.from({ length: count }, (_, index) => `k${index + 1}=${index + 1}`)

const letters = 'abcdefghijklmnopqrstuvwxyz'
const allKeyCharacters = `${letters}0123456789_-*/`
const allValueCharacters = Array.from({ length: 0x7f - 0x20 }, (_, i) =>
  String.fromCharCode(0x20 + i),
)
  .filter((character) => !',='.includes(character))
  .join('')
const allowed = [
  `${allKeyCharacters}=${allValueCharacters}`,
  `${allKeyCharacters}@${allKeyCharacters}=${allValueCharacters}`,
]
const longKeys = [
  'a'.repeat(256),
  `${'a'.repeat(241)}@${'b'.repeat(14)}`,
  `${'a'.repeat(254)}@b`,
  `a@${'b'.repeat(15)}`,
]

/**
 * The cases of the harness of W3C Trace Context (github.com/w3c/trace-context, `test/test.py`) at
 * SPEC_LEVEL 2 and STRICT_LEVEL 2, 41 of them, in our own words; the expectations are as strict as
 * the harness's or stricter.
 */
export const w3cCases: readonly Case[] = [
  {
    name: 'both_traceparent_and_tracestate_missing',
    exchanges: [exchange({ extraction: 'absent' })],
  },
  { name: 'traceparent_included_tracestate_missing', exchanges: continued(valid) },
  {
    name: 'traceparent_duplicated',
    exchanges: [
      exchange({
        headers: [
          ['traceparent', valid],
          ['traceparent', parent({ span: '0123456789abcdef' })],
        ],
        extraction: 'duplicated',
      }),
    ],
  },
  {
    name: 'traceparent_header_name',
    exchanges: ['trace-parent', 'trace.parent'].map((name) =>
      exchange({ headers: [[name, valid]], extraction: 'absent' }),
    ),
  },
  {
    name: 'traceparent_header_name_valid_casing',
    exchanges: ['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name) =>
      exchange({ headers: [[name, valid]] }),
    ),
  },
  {
    name: 'traceparent_version_0x00',
    exchanges: restarted(`${valid}.`, `${valid}-more-of-it`),
  },
  {
    name: 'traceparent_version_0xcc',
    exchanges: [
      ...continued(parent({ version: 'cc' }), `${parent({ version: 'cc' })}-more-of-it`),
      ...restarted(`${parent({ version: 'cc' })}.more-of-it`),
    ],
  },
  { name: 'traceparent_version_0xff', exchanges: restarted(parent({ version: 'ff' })) },
  {
    name: 'traceparent_version_illegal_characters',
    exchanges: restarted(parent({ version: '.0' }), parent({ version: '0.' })),
  },
  {
    name: 'traceparent_version_too_long',
    exchanges: restarted(parent({ version: '000' }), parent({ version: '0000' })),
  },
  { name: 'traceparent_version_too_short', exchanges: restarted(parent({ version: '0' })) },
  {
    name: 'traceparent_trace_id_all_zero',
    exchanges: restarted(parent({ trace: '0'.repeat(32) })),
  },
  {
    name: 'traceparent_trace_id_illegal_characters',
    exchanges: restarted(
      parent({ trace: `.${TRACE_ID.slice(1)}` }),
      parent({ trace: `${TRACE_ID.slice(1)}.` }),
      parent({ trace: TRACE_ID.toUpperCase() }),
    ),
  },
  {
    name: 'traceparent_trace_id_too_long',
    exchanges: restarted(parent({ trace: `${TRACE_ID}3` })),
  },
  {
    name: 'traceparent_trace_id_too_short',
    exchanges: restarted(parent({ trace: TRACE_ID.slice(1) })),
  },
  {
    name: 'traceparent_parent_id_all_zero',
    exchanges: restarted(parent({ span: '0'.repeat(16) })),
  },
  {
    name: 'traceparent_parent_id_illegal_characters',
    exchanges: restarted(
      parent({ span: `.${PARENT_ID.slice(1)}` }),
      parent({ span: `${PARENT_ID.slice(1)}.` }),
    ),
  },
  {
    name: 'traceparent_parent_id_too_long',
    exchanges: restarted(parent({ span: `${PARENT_ID}7` })),
  },
  {
    name: 'traceparent_parent_id_too_short',
    exchanges: restarted(parent({ span: PARENT_ID.slice(1) })),
  },
  {
    name: 'traceparent_trace_flags_illegal_characters',
    exchanges: restarted(parent({ flags: '.0' }), parent({ flags: '0.' })),
  },
  { name: 'traceparent_trace_flags_too_long', exchanges: restarted(parent({ flags: '001' })) },
  { name: 'traceparent_trace_flags_too_short', exchanges: restarted(parent({ flags: '1' })) },
  {
    name: 'traceparent_ows_handling',
    exchanges: continued(` ${valid}`, `\t${valid}`, `${valid} `, `${valid}\t`, `\t ${valid} \t`),
  },
  {
    name: 'tracestate_included_traceparent_missing',
    exchanges: ['a=1', 'a=1,b=2'].map((line) =>
      exchange({ headers: [['tracestate', line]], extraction: 'absent' }),
    ),
  },
  { name: 'tracestate_included_traceparent_included', exchanges: [state(['a=1,b=2'], 'a=1,b=2')] },
  {
    name: 'tracestate_header_name',
    exchanges: ['trace-state', 'trace.state'].map((name) =>
      exchange({
        headers: [
          ['traceparent', valid],
          [name, 'a=1'],
        ],
      }),
    ),
  },
  {
    name: 'tracestate_header_name_valid_casing',
    exchanges: ['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name) =>
      exchange({
        headers: [
          ['traceparent', valid],
          [name, 'a=1'],
        ],
        tracestate: 'a=1',
      }),
    ),
  },
  {
    name: 'tracestate_empty_header',
    exchanges: [state([''], ''), state(['a=1', ''], 'a=1'), state(['', 'a=1'], 'a=1')],
  },
  {
    name: 'tracestate_multiple_headers_different_keys',
    exchanges: [state(['a=1,b=2', 'c=3,d=4', 'e=5'], 'a=1,b=2,c=3,d=4,e=5')],
  },
  {
    name: 'tracestate_duplicated_keys',
    exchanges: [
      state(['a=1,a=1'], 'a=1'),
      state(['a=1,a=2'], 'a=1'),
      state(['a=1', 'a=1'], 'a=1'),
      state(['a=1', 'a=2'], 'a=1'),
    ],
  },
  {
    name: 'tracestate_all_allowed_characters',
    exchanges: allowed.map((member) => state([member], member)),
  },
  {
    name: 'tracestate_ows_handling',
    exchanges: [
      state(['a=1 \t , \t b=2, \t c=3'], 'a=1,b=2,c=3'),
      state(['a=1\t \t,\t \tb=2,\t \tc=3'], 'a=1,b=2,c=3'),
      ...[' a=1', '\ta=1', 'a=1 ', 'a=1\t', '\t a=1 \t'].map((line) => state([line], 'a=1')),
    ],
  },
  {
    name: 'tracestate_key_illegal_characters',
    exchanges: ['a =1', 'A=1', 'a.b=1'].map((line) => state([line, 'c=3'], '')),
  },
  {
    name: 'tracestate_key_illegal_vendor_format',
    exchanges: [
      ...['a@=1,b=2', 'a@@c=1,b=2', 'a@c@d=1,b=2'].map((line) => state([line], line)),
      state(['@a=1,b=2'], ''),
    ],
  },
  {
    name: 'tracestate_member_count_limit',
    exchanges: [
      state([members(10).join(), members(32).slice(10).join()], members(32).join()),
      state([members(10).join(), members(33).slice(10).join()], ''),
    ],
  },
  {
    name: 'tracestate_key_length_limit',
    exchanges: [
      ...longKeys.map((key) => state(['a=1', `${key}=2`], `a=1,${key}=2`)),
      state(['a=1', `${'b'.repeat(257)}=2`], ''),
    ],
  },
  {
    name: 'tracestate_value_illegal_characters',
    exchanges: [state(['a=b=c'], ''), state(['a=,b=2'], '')],
  },
  {
    name: 'multiple_requests_with_valid_traceparent',
    exchanges: continued(valid).map((one) => ({ ...one, calls: 3 })),
  },
  {
    name: 'multiple_requests_without_traceparent',
    exchanges: [exchange({ extraction: 'absent', calls: 3 })],
  },
  {
    name: 'multiple_requests_with_illegal_traceparent',
    exchanges: restarted(parent({ trace: '0'.repeat(32) })).map((one) => ({ ...one, calls: 3 })),
  },
  {
    name: 'propagates_random_flag',
    exchanges: ['02', '03'].map((flags) =>
      exchange({ headers: [['traceparent', parent({ flags })]], random: true }),
    ),
  },
]

/** What `Headers`, and any HTTP server, makes of header lines: lower case, trimmed, joined. */
export function carrierOf({ headers }: Exchange): Record<string, string> {
  return Object.fromEntries(new Headers(headers.map(([name, value]) => [name, value])))
}
