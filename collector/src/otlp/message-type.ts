/** How a field's value is written; trace and span ids are `bytes` that JSON writes as hex. */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'traceId'
  | 'spanId'
  | 'bool'
  | 'enum'
  | 'int64'
  | 'uint32'
  | 'fixed32'
  | 'fixed64'
  | 'double'

/** The wire types of protobuf.dev/programming-guides/encoding that proto3 still writes. */
export const VARINT = 0
export const I64 = 1
export const LEN = 2
export const I32 = 5

const wireTypes: Record<Scalar, number> = {
  string: LEN,
  bytes: LEN,
  traceId: LEN,
  spanId: LEN,
  bool: VARINT,
  enum: VARINT,
  int64: VARINT,
  uint32: VARINT,
  fixed32: I32,
  fixed64: I64,
  double: I64,
}

export interface Field {
  /** The lowerCamelCase name that JSON uses. */
  name: string
  /** `name` in ASCII, to compare with a key without making a string of it. */
  nameBytes: Uint8Array
  /** Undefined when the value is a message. */
  scalar: Scalar | undefined
  message: MessageType | undefined
  repeated: boolean
  /** Written to JSON even when it has its default. */
  always: boolean
  /** The field that came after it last, in JSON: encoders have an order. */
  follower: Field | undefined
  /** The field's number with the one wire type that it may have. */
  tag: number
}

/** `always` for fields that the specification calls required, `repeated` for lists. */
export type Label = 'repeated' | 'always'

/** One message of the wire table; declared first and given its fields later, since they recurse. */
export class MessageType {
  readonly name: string
  /** Of the fields at most one is set: the last one read. */
  readonly oneof: boolean
  readonly byNumber: (Field | undefined)[] = []
  readonly alwaysPresent: Field[] = []
  readonly #byNameLength: (Field[] | undefined)[] = []

  constructor(name: string, { oneof = false } = {}) {
    this.name = name
    this.oneof = oneof
  }

  field(number: number, name: string, type: Scalar | MessageType, label?: Label): this {
    const scalar = typeof type === 'string' ? type : undefined
    const field: Field = {
      name,
      nameBytes: Buffer.from(name, 'latin1'),
      scalar,
      message: typeof type === 'string' ? undefined : type,
      repeated: label === 'repeated',
      always: label === 'always',
      follower: undefined,
      tag: (number << 3) | (scalar === undefined ? LEN : wireTypes[scalar]),
    }
    this.byNumber[number] = field
    if (field.always) this.alwaysPresent.push(field)
    this.#byNameLength[name.length] = [...(this.#byNameLength[name.length] ?? []), field]
    return this
  }

  /** The field whose JSON name is `text[start, end)`. */
  fieldNamed(text: Uint8Array, start: number, end: number): Field | undefined {
    const candidates = this.#byNameLength[end - start]
    if (candidates === undefined) return undefined
    for (let i = 0; i < candidates.length; i++) {
      const field = candidates[i]!
      if (matches(field.nameBytes, text, start)) return field
    }
    return undefined
  }
}

function matches(name: Uint8Array, text: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== text[start + i]) return false
  return true
}
