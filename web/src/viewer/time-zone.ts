import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

interface TimeZone {
  /** Times are in UTC, not in the zone of this machine. */
  utc: boolean
}

/** How times are written. It is somebody's taste, not part of a question: a link does not carry it. */
const timeZone = createStore<TimeZone>(() => ({ utc: false }))

const storageKey = 'pingtrace.utc'

/** Takes up what was chosen before, in a page that has a place for it. */
export function restoreTimeZone(storage: Pick<Storage, 'getItem'>): void {
  timeZone.setState({ utc: storage.getItem(storageKey) === 'yes' })
}

export function chooseTimeZone(utc: boolean, storage: Pick<Storage, 'setItem'>): void {
  timeZone.setState({ utc })
  storage.setItem(storageKey, utc ? 'yes' : 'no')
}

export function isUtc(): boolean {
  return timeZone.getState().utc
}

export function useTimeZone(): TimeZone {
  return useStore(timeZone)
}
