import type { OperationStats, OperationTotals, TimeSteps } from '@pingtrace/otlp'
import type { MouseEvent } from 'react'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { plainName } from '../viewer/visible-text.ts'
import { titleOf } from './operation-sort.ts'
import { Sparkline } from './Sparkline.tsx'
import { durationText, percentText } from './words.ts'

interface OperationRowProps {
  operation: OperationStats
  time: TimeSteps
  /** Where its traces are listed. */
  href: string
  inTabOrder: boolean
  onOpen(event: MouseEvent, operation: OperationStats): void
}

/** One operation. Its link lies over the whole row, so that it can be copied and opened in a tab. */
export function OperationRow({ operation, time, href, inTabOrder, onOpen }: OperationRowProps) {
  const { name, service, kind } = operation
  return (
    <tr>
      <th scope="row" className="operation-name">
        <a
          href={href}
          data-operation={titleOf(operation)}
          title={plainName(name)}
          tabIndex={inTabOrder ? 0 : -1}
          onClick={(event) => onOpen(event, operation)}
        >
          <Name text={name} />
        </a>
        <span className="operation-about">
          <span className="service">
            <span className="swatch" style={{ '--service': serviceColour(service) }} />
            <Name text={service} />
          </span>
          {kind !== 'unspecified' && <span>{kind}</span>}
        </span>
      </th>
      <Figures of={operation} time={time} />
    </tr>
  )
}

/** The operations that have no row of their own, together. */
export function OtherOperationsRow({
  others,
  listed,
  time,
}: {
  others: OperationTotals
  /** How many have one. */
  listed: number
  time: TimeSteps
}) {
  return (
    <tr>
      <th scope="row" className="operation-name">
        Other operations
        <span className="operation-about">
          beyond the {listed} that can be listed: perhaps there are ids in names
        </span>
      </th>
      <Figures of={others} time={time} />
    </tr>
  )
}

function Figures({ of, time }: { of: OperationTotals; time: TimeSteps }) {
  const { count, errorCount, p50Nano, p95Nano, p99Nano } = of
  return (
    <>
      <td>
        {count}
        <span className="narrow-only"> {count === 1 ? 'span' : 'spans'}</span>
      </td>
      <td className={errorCount > 0 ? 'error-text' : 'no-errors'} title={`${errorCount} failed`}>
        {percentText(of)}
        <span className="narrow-only"> failed</span>
      </td>
      {[['p50', p50Nano] as const, ['p95', p95Nano] as const, ['p99', p99Nano] as const].map(
        ([label, nanos]) => (
          <td key={label}>
            <span className="narrow-only">{label} </span>
            {durationText(nanos)}
          </td>
        ),
      )}
      <td className="operation-time">
        <Sparkline steps={of.steps} time={time} />
      </td>
    </>
  )
}
