import { describe, expect, it } from 'vitest'
import { parseBool, parseDuration, parseTime, parseTraceId } from './go-syntax.ts'

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['1.5s', 1_500_000_000],
    ['1h2m3.4s', 3_723_400_000_000],
    ['.5ms', 500_000],
    ['5.s', 5_000_000_000],
    ['10us', 10_000],
    ['10\u00b5s', 10_000],
    ['10\u03bcs', 10_000],
    ['1.9ns', 1],
    ['-1m', -60_000_000_000],
    ['+300ms', 300_000_000],
    ['0.000000000000000000000001h', 0],
  ])('%s has %d nanoseconds', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds)
  })

  it.each([
    '',
    '1',
    's',
    '.s',
    '1.2.3s',
    '1 s',
    '1d',
    '1S',
    '1h2',
    'NaN',
    '--1s',
    '9999999h',
    '1e3s',
  ])('%s is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('a time', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000_000_000n],
    ['2023-11-14T22:13:20.000000001Z', 1_700_000_000_000_000_001n],
    ['2023-11-14T22:13:20.1234567899Z', 1_700_000_000_123_456_789n],
    ['2023-11-15T00:13:20+02:00', 1_700_000_000_000_000_000n],
    ['2023-11-14T16:43:20.5-05:30', 1_700_000_000_500_000_000n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
  ])('%s is so many nanoseconds after the epoch', (text, nanoseconds) => {
    expect(parseTime(text)).toBe(nanoseconds)
  })

  it.each([
    '',
    '1700000000',
    '2023-11-14',
    '2023-11-14T22:13Z',
    '2023-11-14T22:13:20',
    '2023-11-14 22:13:20Z',
    '2023-11-14t22:13:20z',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-11-14T24:00:00Z',
    '2023-11-14T22:13:60Z',
    '2023-11-14T22:13:20.Z',
    '2023-11-14T22:13:20+24:00',
    '2023-11-14T22:13:20+0200',
  ])('%s is none', (text) => {
    expect(parseTime(text)).toBeUndefined()
  })
})

it('a boolean has twelve spellings', () => {
  for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True']) expect(parseBool(text)).toBe(true)
  for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False']) expect(parseBool(text)).toBe(false)
  for (const text of ['', 'yes', 'tRUE', '2']) expect(parseBool(text)).toBeUndefined()
})

describe('a trace id', () => {
  const low = '00000000000000000000000000000001'
  it.each([
    ['1', low],
    [low, low],
    ['00000000000000010000000000000002', '00000000000000010000000000000002'],
    ['0AF7651916CD43DD8448EB211C80319C', '0af7651916cd43dd8448eb211c80319c'],
    ['AAAAAAAAAAAAAAAAAAAAAQ==', low],
    ['AAAAAAAAAAAAAAAAAAAAAQ', low],
    ['AAAAAAAAAP///////////w==', '00000000000000ffffffffffffffffff'],
    ['AAAAAAAAAP___________w==', '00000000000000ffffffffffffffffff'],
    ['EjRWeJq83vD-3LqYdlQyEA==', '123456789abcdef0fedcba9876543210'],
    ['/////////wE=', '0000000000000000ffffffffffffff01'],
  ])('%s is hex or base64', (text, id) => {
    expect(parseTraceId(text)).toBe(id)
  })

  it.each([
    '',
    'xyz',
    'not-a-valid-id!',
    `0${low}`,
    'AAAAAAAAAAAAAAAAAAAAAQ=',
    'AAAAAAAAAAAAAAAAAAAAAQAA',
  ])('%s is none', (text) => {
    expect(parseTraceId(text)).toBeUndefined()
  })
})
