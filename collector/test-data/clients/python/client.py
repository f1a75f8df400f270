"""Sends what ../../sent.ts describes: client.py <protocol> <compression> <endpoint>"""

import sys

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)


def exporter(protocol, compression, endpoint):
    if protocol == "grpc":
        from grpc import Compression
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        chosen = Compression.Gzip if compression == "gzip" else Compression.NoCompression
        return OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=chosen)
    if protocol == "http/json":
        from opentelemetry.exporter.otlp.common.http import Compression
        from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    return OTLPSpanExporter(
        endpoint=endpoint + "/v1/traces", compression=Compression(compression)
    )


class CountedIds(RandomIdGenerator):
    last = 0xA0

    def generate_span_id(self):
        self.last += 1
        return self.last


def remote(trace_id, span_id, **state):
    return SpanContext(
        trace_id, span_id, True, TraceFlags(TraceFlags.SAMPLED), TraceState(list(state.items()))
    )


base = 1_700_000_000_000_000_000
provider = TracerProvider(
    resource=Resource.create({"service.name": "shop", "shop.floors": 3, "service.instance.id": "1"}),
    id_generator=CountedIds(),
)
provider.add_span_processor(BatchSpanProcessor(exporter(*sys.argv[1:4])))
tracer = provider.get_tracer(
    "shop.checkout", "1.2.3", "https://example.test/schema/1.0.0", {"scope.kind": "recorded"}
)

parent = remote(0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, vendor="one", other="two")
checkout = tracer.start_span(
    "POST /checkout",
    set_span_in_context(NonRecordingSpan(parent)),
    SpanKind.SERVER,
    links=[Link(remote(int("1" * 32, 16), int("2" * 16, 16), linked="yes"), {"why": "retry"})],
    start_time=base + 1,
)
checkout.set_attributes(
    {
        "text": 'ünï "quoted" \\ 絵 🎨',
        "empty": "",
        "yes": True,
        "no": False,
        "largest": 2**63 - 1,
        "smallest": -(2**63),
        "beyond": 2**53 + 1,
        "half": 0.5,
        "huge": 1.7976931348623157e308,
        "texts": ["a", "ü"],
        "flags": [True, False],
        "numbers": [1, -2, 2**53 + 1],
        "halves": [0.5, -1.25],
        "bytes": b"\x00\xff\x10",
        "map": {"name": "inner", "deep": {"yes": True}},
        "mixed": [1, "two", 0.5],
    }
)
checkout.add_event("cart.priced", {"items": 2**53 + 1, "currency": "€"}, base + 100_000_003)
checkout.add_event("cart.closed", None, base + 100_000_004)
checkout.set_status(Status(StatusCode.ERROR, "card declined"))

inside = set_span_in_context(checkout)
charge = tracer.start_span("charge card", inside, SpanKind.CLIENT, start_time=base + 5)
charge.set_status(Status(StatusCode.OK))
charge.end(base + 6)
for name, kind in [
    ("add up", SpanKind.INTERNAL),
    ("queue receipt", SpanKind.PRODUCER),
    ("print receipt", SpanKind.CONSUMER),
]:
    tracer.start_span(name, inside, kind, start_time=base + 7).end(base + 7)
checkout.end(base + 250_000_002)
provider.shutdown()
