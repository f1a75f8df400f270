import { type FocusEvent, type Ref, useEffect, useRef } from 'react'
import type { Holder, TraceListStore } from './trace-list.ts'

interface Hold<Place> {
  holder: Ref<Place>
  onPointerEnter(): void
  onPointerLeave(): void
  onFocus(): void
  onBlur(event: FocusEvent<HTMLElement>): void
}

/**
 * Holds the list while somebody points into an element, or is in it by keyboard.
 * @param drawn what the element shows; when that changes, parts of it may be gone
 */
export function useHold<Place extends HTMLElement>(
  list: TraceListStore,
  by: Holder,
  drawn: unknown,
): Hold<Place> {
  const holder = useRef<Place>(null)
  const held = useRef({ pointer: false, focus: false })

  const change = (change: Partial<typeof held.current>): void => {
    Object.assign(held.current, change)
    list.hold(by, held.current.pointer || held.current.focus)
  }

  // What goes while it has the focus, or all of it from under the pointer, tells nobody.
  useEffect(() => {
    const { pointer, focus } = held.current
    change({
      pointer: pointer && holder.current?.matches(':hover') === true,
      focus: focus && holder.current?.contains(document.activeElement) === true,
    })
  }, [drawn])

  return {
    holder,
    onPointerEnter: () => change({ pointer: true }),
    onPointerLeave: () => change({ pointer: false }),
    onFocus: () => change({ focus: true }),
    onBlur: (event) => {
      if (!event.currentTarget.contains(event.relatedTarget)) change({ focus: false })
    },
  }
}
