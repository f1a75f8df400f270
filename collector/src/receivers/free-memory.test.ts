import { describe, expect, it } from 'vitest'
import { freeMemory } from './free-memory.ts'

describe('freeMemory', () => {
  it('takes the memory of a buffer, and of its views', () => {
    const bytes = Buffer.allocUnsafeSlow(1024 * 1024)
    const view = bytes.subarray(1024)
    freeMemory(bytes)
    expect(bytes).toHaveLength(0)
    expect(view).toHaveLength(0)
  })

  it('leaves a part of what others use', () => {
    const whole = Buffer.alloc(1024 * 1024, 7)
    const part = whole.subarray(0, 64 * 1024)
    freeMemory(part)
    expect(part).toHaveLength(64 * 1024)
    expect(whole).toHaveLength(1024 * 1024)
  })

  it('may be called again', () => {
    const bytes = Buffer.allocUnsafeSlow(1024 * 1024)
    freeMemory(bytes)
    freeMemory(bytes)
    expect(bytes).toHaveLength(0)
  })
})
