import { type KeyboardEvent, type MouseEvent, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { count, formatArrival, formatDuration, formatTick } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Text } from '../viewer/Text.tsx'
import { nameText, plainText } from '../viewer/visible-text.ts'
import { listHref } from './asked-store.ts'
import type { Explorer } from './explorer.ts'
import { dotKey } from './row-keys.ts'
import { type Dot, scatter } from './scatter.ts'
import { useHold } from './use-hold.ts'
import './ScatterPlot.css'

/** The listed traces as dots, when and how long; each is a link. Failed ones are diamonds. */
export function ScatterPlot({
  explorer,
  onPick,
}: {
  explorer: Explorer
  onPick(traceId: string): void
}) {
  const traces = useStore(explorer.list, (state) => state.traces)
  const shown = useStore(explorer.viewer.selection, (state) => state.traceId)
  const page = listHref(window.location.href, useStore(explorer.asked))
  const [focused, setFocused] = useState<string>()
  const { holder, ...hold } = useHold<HTMLDivElement>(explorer.list, 'plot', traces)
  const { dots, lines, from, to } = useMemo(() => scatter(traces), [traces])
  const ids = dots.map(({ trace }) => trace.traceId)
  const inTabOrder = [focused, shown].find((id) => id !== undefined && ids.includes(id)) ?? ids[0]

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const target = dotKey(event, ids, idOf(event.target))
    if (target === undefined) return
    event.preventDefault()
    event.currentTarget.querySelector<HTMLElement>(`[data-dot="${target}"]`)?.focus()
  }
  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const id = idOf(event.target)
    // With a modifier the browser opens a tab or a window: its business.
    const isBrowsers = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    if (id === undefined || isBrowsers) return
    event.preventDefault()
    onPick(id)
  }

  return (
    <section className="card plot" aria-labelledby="plot-heading">
      <h2 id="plot-heading">Duration over time</h2>
      {dots.length === 0 ? (
        <p className="hint">
          Each listed trace is a dot here: when it began, and how long it took.
        </p>
      ) : (
        <div className="plot-area">
          {lines.map(({ nanos, bottom }) => (
            <span key={bottom} className="plot-line" style={{ '--bottom': `${bottom}%` }}>
              <span>{formatTick(nanos)}</span>
            </span>
          ))}
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
          <div
            ref={holder}
            {...hold}
            className="plot-dots"
            role="group"
            aria-label="Traces by time; arrow keys go from one to the next"
            onFocus={(event) => {
              setFocused(idOf(event.target))
              hold.onFocus()
            }}
            onKeyDown={onKeyDown}
            onClick={onClick}
          >
            {dots.map((dot) => (
              <a
                key={dot.trace.traceId}
                href={selectionHref(page, {
                  traceId: dot.trace.traceId,
                  spanId: undefined,
                })}
                className="dot"
                data-dot={dot.trace.traceId}
                data-error={dot.trace.errorCount > 0}
                aria-current={dot.trace.traceId === shown ? 'true' : undefined}
                title={plainText(dotText(dot))}
                tabIndex={dot.trace.traceId === inTabOrder ? 0 : -1}
                style={{
                  '--left': `${dot.left}%`,
                  '--bottom': `${dot.bottom}%`,
                  '--service': serviceColour(dot.trace.service),
                }}
              >
                <span className="visually-hidden">
                  <Text text={dotText(dot)} />
                </span>
              </a>
            ))}
          </div>
          <p className="plot-times" aria-hidden="true">
            <span>{formatArrival(from)}</span>
            {from !== to && <span>{formatArrival(to)}</span>}
          </p>
        </div>
      )}
    </section>
  )
}

function dotText({ trace }: Dot): string {
  return [
    nameText(trace.name),
    nameText(trace.service),
    formatDuration(BigInt(trace.durationNano)),
    ...(trace.errorCount > 0 ? [count(trace.errorCount, 'error')] : []),
  ].join(', ')
}

function idOf(target: EventTarget): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-dot]')?.dataset.dot
}
