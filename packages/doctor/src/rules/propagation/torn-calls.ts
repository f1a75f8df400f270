import { callEvidence, nameOf } from '../../calls/describe-call.ts'
import { callsOf, type Tear, type TornCall } from '../../calls/torn-calls.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { RuleId } from '../../rule-ids.ts'
import type { TraceSubject } from '../../trace-subject.ts'

interface Text {
  problem: string
  cause: string
  mend: string
}

/** Makes the rule for one way in which the halves of a call come apart. */
export function tornCallRule(
  id: RuleId,
  tears: readonly Tear[],
  words: (call: TornCall) => Text,
): Rule {
  return (subject) =>
    callsOf(subject)
      .torn.filter((call) => tears.includes(call.tear) && isDue(call, subject))
      .map((call): Finding => {
        return makeFinding(id, {
          span: call.here,
          candidates: call.candidates,
          severity: 'error',
          certainty: isProven(call) ? 'certain' : 'likely',
          evidence: callEvidence(call),
          ...words(call),
        })
      })
}

/** The server has said why, and there is nobody else that could be meant. */
function isProven({ tear, isSole }: TornCall): boolean {
  return isSole && (tear === 'absent' || tear === 'malformed' || tear === 'duplicated')
}

/** What only seems to belong together may be joined by a span that is still under way. */
function isDue(call: TornCall, { isPending }: TraceSubject): boolean {
  return !isPending || isProven(call)
}

export function halves({ client, server }: TornCall): string {
  return `${nameOf(client)} called ${nameOf(server)}`
}
