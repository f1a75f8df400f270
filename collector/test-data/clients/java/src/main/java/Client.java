import static io.opentelemetry.api.common.AttributeKey.*;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.trace.*;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sends what ../../../../../sent.ts describes: Client <protocol> <compression> <endpoint> */
class Client {
  static final long BASE = 1_700_000_000_000_000_000L;
  static final long BEYOND = (1L << 53) + 1;

  static SpanExporter exporter(String protocol, String compression, String endpoint) {
    if (protocol.equals("grpc")) {
      return OtlpGrpcSpanExporter.builder()
          .setEndpoint(endpoint)
          .setCompression(compression)
          .build();
    }
    return OtlpHttpSpanExporter.builder()
        .setEndpoint(endpoint + "/v1/traces")
        .setCompression(compression)
        .build();
  }

  static class CountedIds implements IdGenerator {
    private long last = 0xa0;

    public String generateSpanId() {
      return SpanId.fromLong(++last);
    }

    public String generateTraceId() {
      return TraceId.fromLongs(1, 1);
    }
  }

  static SpanContext remote(String traceId, String spanId, TraceState state) {
    return SpanContext.createFromRemoteParent(traceId, spanId, TraceFlags.getSampled(), state);
  }

  public static void main(String[] args) {
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setIdGenerator(new CountedIds())
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(
                                stringKey("service.name"), "shop", longKey("shop.floors"), 3L))))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter(args[0], args[1], args[2])).build())
            .build();
    // This SDK has no attributes of a scope.
    Tracer tracer =
        provider
            .tracerBuilder("shop.checkout")
            .setInstrumentationVersion("1.2.3")
            .setSchemaUrl("https://example.test/schema/1.0.0")
            .build();

    // The builder puts what comes last in front.
    TraceState state = TraceState.builder().put("other", "two").put("vendor", "one").build();
    SpanContext parent = remote("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", state);
    SpanContext link =
        remote("1".repeat(32), "2".repeat(16), TraceState.builder().put("linked", "yes").build());
    Span checkout =
        tracer
            .spanBuilder("POST /checkout")
            .setParent(Context.root().with(Span.wrap(parent)))
            .setSpanKind(SpanKind.SERVER)
            .addLink(link, Attributes.of(stringKey("why"), "retry"))
            .setStartTimestamp(BASE + 1, NANOSECONDS)
            .startSpan();
    checkout
        .setAttribute("text", "ünï \"quoted\" \\ 絵 🎨")
        .setAttribute("empty", "")
        .setAttribute("yes", true)
        .setAttribute("no", false)
        .setAttribute("largest", Long.MAX_VALUE)
        .setAttribute("smallest", Long.MIN_VALUE)
        .setAttribute("beyond", BEYOND)
        .setAttribute("half", 0.5)
        .setAttribute("huge", Double.MAX_VALUE)
        .setAttribute(stringArrayKey("texts"), List.of("a", "ü"))
        .setAttribute(booleanArrayKey("flags"), List.of(true, false))
        .setAttribute(longArrayKey("numbers"), List.of(1L, -2L, BEYOND))
        .setAttribute(doubleArrayKey("halves"), List.of(0.5, -1.25))
        .setAttribute(valueKey("bytes"), Value.of(new byte[] {0, (byte) 255, 16}))
        .setAttribute(
            valueKey("map"),
            Value.of(
                KeyValue.of("name", Value.of("inner")),
                KeyValue.of("deep", Value.of(Map.of("yes", Value.of(true))))))
        .setAttribute(
            valueKey("mixed"), Value.of(Value.of(1L), Value.of("two"), Value.of(0.5)));
    checkout.addEvent(
        "cart.priced",
        Attributes.of(longKey("items"), BEYOND, stringKey("currency"), "€"),
        BASE + 100_000_003,
        NANOSECONDS);
    checkout.addEvent("cart.closed", BASE + 100_000_004, NANOSECONDS);
    checkout.setStatus(StatusCode.ERROR, "card declined");

    Context inside = Context.root().with(checkout);
    start(tracer, inside, "charge card", SpanKind.CLIENT, 5)
        .setStatus(StatusCode.OK)
        .end(BASE + 6, NANOSECONDS);
    start(tracer, inside, "add up", SpanKind.INTERNAL, 7).end(BASE + 7, NANOSECONDS);
    start(tracer, inside, "queue receipt", SpanKind.PRODUCER, 7).end(BASE + 7, NANOSECONDS);
    start(tracer, inside, "print receipt", SpanKind.CONSUMER, 7).end(BASE + 7, NANOSECONDS);
    checkout.end(BASE + 250_000_002, NANOSECONDS);
    provider.shutdown().join(10, TimeUnit.SECONDS);
  }

  static Span start(Tracer tracer, Context parent, String name, SpanKind kind, long time) {
    return tracer
        .spanBuilder(name)
        .setParent(parent)
        .setSpanKind(kind)
        .setStartTimestamp(BASE + time, NANOSECONDS)
        .startSpan();
  }
}
