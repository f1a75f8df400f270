import { expect, test } from 'vitest'
import { reasonText } from './reason-text.ts'

test.each([
  ['ECONNREFUSED', 'connection refused (ECONNREFUSED)'],
  ['ETIMEDOUT', 'no answer in time (ETIMEDOUT)'],
  ['MongoServerSelectionError', 'no answer in time (MongoServerSelectionError)'],
  ['ConnectionTimeoutError', 'no answer in time (ConnectionTimeoutError)'],
  ['SocketClosedUnexpectedlyError', 'connection lost (SocketClosedUnexpectedlyError)'],
  ['WRONGTYPE', 'WRONGTYPE'],
  ['', 'nobody knows why'],
])('%s is put into words', (reason, text) => {
  expect(reasonText(reason)).toBe(text)
})
