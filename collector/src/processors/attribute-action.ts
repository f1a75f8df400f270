/** A value to set; a part of OTLP's AnyValue. */
export type AttributeValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: number }
  | { doubleValue: number }

/** One action of the attributes processor, done to each span's attributes. */
export type AttributeAction =
  | { action: 'delete'; key: string }
  | ({
      /** `insert`: where the key is missing; `update`: where it is there; `upsert`: in any case. */
      action: 'insert' | 'update' | 'upsert'
      key: string
    } & ({ value: AttributeValue } | { from: string }))
