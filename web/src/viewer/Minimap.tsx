import type { TimeRange, TraceTree } from '@pingtrace/trace-tree'
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { makeAxis, placeBar } from './axis.ts'
import { formatOffset } from './format.ts'
import { minimapPieces } from './minimap.ts'
import { serviceColour } from './service-colours.ts'
import type { WaterfallView } from './waterfall-view.ts'
import './Minimap.css'

/** CSS pixels. */
const height = 40

/** Less than this is a click and not a drag; in pixels. */
const dragFrom = 4

/**
 * The whole trace at a glance. Dragging over it picks the section of time that the rows show; each
 * edge of the section is a slider, for the keyboard.
 */
export function Minimap({ tree, view }: { tree: TraceTree; view: WaterfallView }) {
  const section = useStore(view, (state) => state.section)
  const [brushed, setBrushed] = useState<TimeRange>()
  const from = useRef<number>(undefined)
  const axis = useMemo(() => makeAxis(tree.start, tree.end), [tree])
  const shown = brushed ?? section
  const { left, width } = placeBar(axis, shown?.start ?? tree.start, shown?.end ?? tree.end)

  const timeAt = (event: PointerEvent, x = event.clientX): bigint => {
    const box = event.currentTarget.getBoundingClientRect()
    const part = Math.min(1, Math.max(0, (x - box.left) / box.width))
    return axis.start + (BigInt(Math.round(part * 1e6)) * axis.length) / 1_000_000n
  }
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return
    from.current = event.clientX
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent): void => {
    if (from.current === undefined) return
    if (brushed === undefined && Math.abs(event.clientX - from.current) < dragFrom) return
    const [start, end] = [timeAt(event, from.current), timeAt(event)]
    setBrushed(start < end ? { start, end } : { start: end, end: start })
  }
  const onPointerUp = (): void => {
    from.current = undefined
    if (brushed !== undefined) view.zoom(brushed)
    setBrushed(undefined)
  }
  const onPointerCancel = (): void => {
    from.current = undefined
    setBrushed(undefined)
  }

  return (
    <div className="minimap">
      <div
        className="minimap-area"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerCancel}
      >
        <Picture tree={tree} />
        <span className="minimap-outside" style={{ insetInlineStart: 0, inlineSize: `${left}%` }} />
        <span
          className="minimap-outside"
          style={{ insetInlineStart: `${left + width}%`, inlineSize: `${100 - left - width}%` }}
        />
      </div>
      <Edge which="start" tree={tree} view={view} section={shown} percent={left} />
      <Edge which="end" tree={tree} view={view} section={shown} percent={left + width} />
    </div>
  )
}

interface EdgeProps {
  which: 'start' | 'end'
  tree: TraceTree
  view: WaterfallView
  section: TimeRange | undefined
  percent: number
}

function Edge({ which, tree, view, section, percent }: EdgeProps) {
  const whole = { start: tree.start, end: tree.end }
  const { start, end } = section ?? whole
  const time = which === 'start' ? start : end

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    // A hundredth of what is seen, so that steps are fine where one looks closely.
    const step = max((end - start) / 100n, 1n) * (event.shiftKey ? 10n : 1n)
    const steps: Record<string, bigint> = {
      ArrowLeft: time - step,
      ArrowDown: time - step,
      ArrowRight: time + step,
      ArrowUp: time + step,
      PageDown: time - 10n * step,
      PageUp: time + 10n * step,
      Home: which === 'start' ? tree.start : start,
      End: which === 'start' ? end : tree.end,
    }
    const wanted = steps[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    const next =
      which === 'start'
        ? { start: max(tree.start, min(wanted, end - 1n)), end }
        : { start, end: min(tree.end, max(wanted, start + 1n)) }
    const isWhole = next.start <= tree.start && next.end >= tree.end
    view.zoom(isWhole ? undefined : next)
  }

  return (
    <span
      className="minimap-edge"
      style={{ insetInlineStart: `${percent}%` }}
      role="slider"
      tabIndex={0}
      aria-label={`${which === 'start' ? 'Start' : 'End'} of the section`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={formatOffset(time - tree.start)}
      onKeyDown={onKeyDown}
    />
  )
}

/** Drawn on a canvas: a hundred thousand spans come to some thousand pieces. */
function Picture({ tree }: { tree: TraceTree }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const [dark, setDark] = useState(false)

  useEffect(() => {
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    const follow = (): void => setDark(scheme.matches)
    follow()
    scheme.addEventListener('change', follow)
    const observer = new ResizeObserver(() => setWidth(canvas.current?.clientWidth ?? 0))
    if (canvas.current) observer.observe(canvas.current)
    return () => {
      scheme.removeEventListener('change', follow)
      observer.disconnect()
    }
  }, [])

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context || width === 0) return
    draw(context, tree, width)
    // The colours are those of the scheme.
    void dark
  }, [tree, width, dark])

  return <canvas ref={canvas} width={width} height={height} />
}

function draw(context: CanvasRenderingContext2D, tree: TraceTree, width: number): void {
  const { pieces, lines } = minimapPieces(tree, makeAxis(tree.start, tree.end), width, height)
  const style = getComputedStyle(context.canvas)
  const colourOf = (service: string | undefined): string => {
    const [, variable = '--danger'] = /(--[\w-]+)/.exec(service ? serviceColour(service) : '') ?? []
    return style.getPropertyValue(variable)
  }
  const colours = new Map<string | undefined, string>()
  context.clearRect(0, 0, width, height)
  for (const { line, left, width, service } of pieces) {
    const colour = colours.get(service) ?? colourOf(service)
    colours.set(service, colour)
    context.fillStyle = colour
    const top = (line * height) / lines
    context.fillRect(left, top, width, Math.max(1, Math.min(5, height / lines - 1)))
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a < b ? b : a
}
