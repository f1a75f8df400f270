/** Test material: OTLP traces as protobufjs writes them, from the definitions and not from our table. */
import type { TracesData } from '@pingtrace/otlp'
import protobuf from 'protobufjs'

/** opentelemetry-proto v1.11.0, without comments; enums are int32, which is the same on the wire. */
const definitions = `syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans {
  Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3;
}
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  fixed32 flags = 16; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  message Event {
    fixed64 time_unix_nano = 1; string name = 2;
    repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
  }
  repeated Event events = 11; uint32 dropped_events_count = 12;
  message Link {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3;
    repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6;
  }
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15;
}
message Status { reserved 1; string message = 2; int32 code = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message InstrumentationScope {
  string name = 1; string version = 2;
  repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }`

const request = protobuf.parse(definitions).root.lookupType('ExportTraceServiceRequest')

/** What is there is written, and a default too: leave it out to have it left out. */
export function encodeTraces(traces: TracesData): Uint8Array {
  const isId = (key: string) => /^(trace|span|parentSpan)Id$/.test(key)
  const binary: unknown = JSON.parse(JSON.stringify(traces), (key, value: unknown) =>
    isId(key) ? Buffer.from(String(value), 'hex').toString('base64') : value,
  )
  return request.encode(request.fromObject(binary as object)).finish()
}

/** With every default of a span left out, or with many of them written out. */
export function withDefaults(traces: TracesData, written: boolean): TracesData {
  return {
    ...traces,
    resourceSpans: traces.resourceSpans?.map(({ scopeSpans, ...resource }) => ({
      ...(written && { schemaUrl: '' }),
      ...resource,
      scopeSpans: scopeSpans?.map(({ spans, ...scope }) => ({
        ...scope,
        spans: spans?.map((span) =>
          written
            ? { ...zeros, ...span }
            : Object.fromEntries(Object.entries(span).filter(([, v]) => v !== '' && v !== '0')),
        ),
      })),
    })),
  } as TracesData
}

const zeros = {
  traceState: '',
  kind: 0,
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  flags: 0,
}
