import { describe, expect, test } from 'vitest'
import { ruleIds } from '../src/index.ts'
import { asLines, labelledCases, readLabelledSet } from './generate.ts'
import { knownMistakes } from './known-mistakes.ts'
import { score } from './score.ts'

const cases = readLabelledSet()

describe('the labelled set', () => {
  test('is what its generator makes', () => {
    expect(asLines(labelledCases())).toBe(asLines(cases))
  })

  test('has a case for every rule, and half as many healthy ones as broken', () => {
    const covered = new Set(cases.flatMap(({ expected }) => expected.map(({ rule }) => rule)))
    expect(ruleIds.filter((id) => !covered.has(id))).toEqual([])
    const healthy = cases.filter(({ expected }) => expected.length === 0).length
    expect(healthy * 2).toBeGreaterThanOrEqual(cases.length - healthy)
  })

  test.each(cases)('$name: $about', (labelled) => {
    const mistakes = score([labelled]).mistakes.map((mistake) => mistake.split(': ')[1])
    expect(mistakes.sort()).toEqual((knownMistakes[labelled.name] ?? []).toSorted())
  })
})
