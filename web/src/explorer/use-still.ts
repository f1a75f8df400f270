import { type FocusEvent, useRef, useState } from 'react'

/**
 * A value that does not change while somebody points into an element or is in it by keyboard: nothing
 * moves away from under them.
 * @param paused nor while somebody said so
 */
export function useStill<T>(value: T, isSame: (a: T, b: T) => boolean, paused: boolean) {
  const [pointer, setPointer] = useState(false)
  const [focus, setFocus] = useState(false)
  const shown = useRef(value)
  // The answer to another question is shown, held or not.
  if (!(pointer || focus || paused) || !isSame(value, shown.current)) shown.current = value
  return {
    value: shown.current,
    hold: {
      onPointerEnter: () => setPointer(true),
      onPointerLeave: () => setPointer(false),
      onFocus: () => setFocus(true),
      onBlur: (event: FocusEvent<HTMLElement>) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocus(false)
      },
    },
  }
}
