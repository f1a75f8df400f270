import { statusOf } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import type { Stray } from '../../calls/stray-servers.ts'
import { callsOf } from '../../calls/torn-calls.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration, shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import { halves, tornCallRule } from './torn-calls.ts'

const cause =
  'The headers were made once and used for several requests (a carrier, a client’s default headers or a request object that is kept), or the context of an earlier call was still the active one.'
const mend = 'Inject into a new carrier for every request, with the context of its own span.'

const pairs = tornCallRule('header-stale', ['stale'], (call) => ({
  problem: `${halves(call)}, which came with the header of another call: its parent is span ${shown(call.server.parentSpanId)}.`,
  cause,
  mend,
}))

/** A request carried the header of an earlier one: its SERVER span lies below a call that is not its own. */
export const headerStale: Rule = (subject) => {
  const joined = pairs(subject)
  const told = new Set(callsOf(subject).torn.map(({ server }) => server))
  const alone = callsOf(subject).late.filter(({ server }) => !told.has(server))
  return [...joined, ...alone.map(lateFinding)]
}

/** The call that it belongs to is not there, but it is not the one above it. */
function lateFinding({ server, parent }: Stray): Finding {
  const status = statusOf(parent)
  return makeFinding('header-stale', {
    span: server,
    candidates: [parent],
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(server)} came with the header of ${nameOf(parent)}, which was answered by another span and over before.`,
    evidence: {
      'began after the call was over': duration(server.start - parent.end),
      ...(status === undefined ? {} : { 'the call was answered': String(status) }),
    },
    cause,
    mend,
  })
}
