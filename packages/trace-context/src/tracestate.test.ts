import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTracestate } from './index.ts'

const read = (header: string) => parseTracestate(header)?.serialize()
const sized = (key: string, length: number) => `${key}=${'v'.repeat(length - key.length - 1)}`

test('one illegal member drops the header as a whole', () => {
  for (const member of ['a', '=1', 'a=', 'A=1', 'a=b=c', '-a=1', 'a=ü', 'a=1\u007f', 'a=\u0000b']) {
    expect(read(`x=1,${member},y=2`)).toBeUndefined()
  }
  expect(read(sized('a', 258))).toBe(sized('a', 258))
  expect(read(sized('a', 259))).toBeUndefined()
})

test('nothing but empty members is no tracestate', () => {
  for (const header of ['', ' ', ',', ' ,\t, ']) expect(parseTracestate(header)).toBeUndefined()
})

test('spaces inside belong to the value, at its beginning too', () => {
  expect(parseTracestate('a=  b c  ,d=1')?.get('a')).toBe('  b c')
})

test('beyond 512 characters the long members go first, from the right, then the right-most', () => {
  const [long, longer] = [sized('long', 129), sized('longer', 200)]
  const short = [sized('s1', 128), sized('s2', 128), sized('s3', 128)]
  // 3 * 128 + 2 commas are 386: one long one more would be 516.
  expect(read([long, ...short].join())).toBe(short.join())
  expect(read([long, short[0], longer, short[1]].join())).toBe([long, short[0], short[1]].join())
  const four = [...short, sized('s4', 128)]
  // 515 in all, and none is long.
  expect(read(four.join())).toBe(short.join())
  expect(read([...short, sized('s4', 125)].join())).toHaveLength(512)
})

test('a changed member comes first, the others keep their order; the original never changes', () => {
  const state = parseTracestate('a=1,b=2,c=3')
  expect(state?.set('c', '4').serialize()).toBe('c=4,a=1,b=2')
  expect(state?.set('d', '4').serialize()).toBe('d=4,a=1,b=2,c=3')
  expect(state?.unset('b').serialize()).toBe('a=1,c=3')
  expect(state?.unset('x').serialize()).toBe('a=1,b=2,c=3')
  expect(state?.serialize()).toBe('a=1,b=2,c=3')
  expect([state?.get('b'), state?.get('x'), state?.get('')]).toEqual(['2', undefined, undefined])
})

test('an illegal change is none', () => {
  const state = parseTracestate('a=1')
  for (const [key, value] of [
    ['B', '1'],
    ['b', ''],
    ['b', 'x,c=1'],
    ['b=c', '1'],
    ['b', 'x '],
  ]) {
    expect(state?.set(key ?? '', value ?? '')).toBe(state)
  }
})

test('a 33rd member pushes the right-most out', () => {
  const full = Array.from({ length: 32 }, (_, index) => `k${index}=v`)
  const state = parseTracestate(full.join())?.set('new', '1')
  expect(state?.serialize()).toBe(['new=1', ...full.slice(0, 31)].join())
})

test('any header is read within the limits, or not at all', () => {
  const member = fc.stringMatching(/^[a-z][a-z0-9@]{0,9}=[!-+]{1,250}$/)
  const headers = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(member).map((all) => all.join()),
  )
  let legal = 0
  fc.assert(
    fc.property(headers, (header) => {
      const written = read(header)
      if (written === undefined) return
      legal++
      expect(written.length).toBeLessThanOrEqual(512)
      expect(written.split(',').length).toBeLessThanOrEqual(32)
      expect(read(written)).toBe(written)
    }),
  )
  expect(legal).toBeGreaterThan(20)
})
