import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { describe, expect, it } from 'vitest'
import { exportResponse, statusBody } from './responses.ts'

const full = { acceptedSpans: 1, rejectedSpans: 0, message: '' }
const partial = { acceptedSpans: 1, rejectedSpans: 300, message: 'too öld' }

describe('an export response', () => {
  it('says nothing on full success', () => {
    expect(exportResponse(full, 'json').toString()).toBe('{}')
    expect(exportResponse(full, 'protobuf')).toHaveLength(0)
  })

  it('is read by the SDK, in both encodings', () => {
    const json = JsonTraceSerializer.deserializeResponse(exportResponse(partial, 'json'))
    const protobuf = ProtobufTraceSerializer.deserializeResponse(
      exportResponse(partial, 'protobuf'),
    )
    for (const { partialSuccess } of [json, protobuf]) {
      expect(Number(partialSuccess?.rejectedSpans)).toBe(300)
      expect(partialSuccess?.errorMessage).toBe('too öld')
    }
  })

  it('carries a warning without rejected spans', () => {
    const warning = { acceptedSpans: 1, rejectedSpans: 0, message: 'odd' }
    expect(exportResponse(warning, 'json').toString()).toBe(
      '{"partialSuccess":{"rejectedSpans":"0","errorMessage":"odd"}}',
    )
    // Field 1: a message of 5 bytes; in it field 2, a string of 3 bytes.
    expect([...exportResponse(warning, 'protobuf')]).toEqual([
      0x0a,
      5,
      0x12,
      3,
      ...Buffer.from('odd'),
    ])
  })
})

it('a status is a google.rpc.Status in both encodings', () => {
  expect(statusBody(3, 'bad', 'json').toString()).toBe('{"code":3,"message":"bad"}')
  expect([...statusBody(3, 'bad', 'protobuf')]).toEqual([0x08, 3, 0x12, 3, ...Buffer.from('bad')])
})
