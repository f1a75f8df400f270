// Sends what ../../sent.ts describes: client <protocol> <compression> <endpoint>
package main

import (
	"context"
	"encoding/binary"
	"log"
	"math"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func exporter(ctx context.Context, protocol, compression, endpoint string) (*otlptrace.Exporter, error) {
	if protocol == "grpc" {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpointURL(endpoint)}
		if compression == "gzip" {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(endpoint + "/v1/traces")}
	if compression == "gzip" {
		options = append(options, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	}
	return otlptracehttp.New(ctx, options...)
}

type countedIDs struct{ last uint64 }

func (ids *countedIDs) NewSpanID(context.Context, trace.TraceID) (id trace.SpanID) {
	ids.last++
	binary.BigEndian.PutUint64(id[:], ids.last)
	return id
}

func (ids *countedIDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	return trace.TraceID{1}, ids.NewSpanID(ctx, trace.TraceID{1})
}

func remote(traceID, spanID, state string) trace.SpanContext {
	config := trace.SpanContextConfig{TraceFlags: trace.FlagsSampled, Remote: true}
	config.TraceID = must(trace.TraceIDFromHex(traceID))
	config.SpanID = must(trace.SpanIDFromHex(spanID))
	config.TraceState = must(trace.ParseTraceState(state))
	return trace.NewSpanContext(config)
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func at(nanoseconds int64) trace.SpanEventOption {
	return trace.WithTimestamp(time.Unix(0, 1_700_000_000_000_000_000+nanoseconds))
}

func main() {
	ctx := context.Background()
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(must(exporter(ctx, os.Args[1], os.Args[2], os.Args[3]))),
		sdktrace.WithIDGenerator(&countedIDs{last: 0xa0}),
		sdktrace.WithResource(must(resource.Merge(resource.Default(), resource.NewSchemaless(
			attribute.String("service.name", "shop"), attribute.Int("shop.floors", 3))))),
	)
	tracer := provider.Tracer("shop.checkout",
		trace.WithInstrumentationVersion("1.2.3"),
		trace.WithSchemaURL("https://example.test/schema/1.0.0"),
		trace.WithInstrumentationAttributes(attribute.String("scope.kind", "recorded")))

	parent := remote("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "vendor=one,other=two")
	link := remote("11111111111111111111111111111111", "2222222222222222", "linked=yes")
	inside, checkout := tracer.Start(trace.ContextWithRemoteSpanContext(ctx, parent), "POST /checkout",
		trace.WithSpanKind(trace.SpanKindServer), at(1),
		trace.WithLinks(trace.Link{SpanContext: link, Attributes: []attribute.KeyValue{attribute.String("why", "retry")}}))
	checkout.SetAttributes(
		attribute.String("text", "ünï \"quoted\" \\ 絵 🎨"),
		attribute.String("empty", ""),
		attribute.Bool("yes", true),
		attribute.Bool("no", false),
		attribute.Int64("largest", math.MaxInt64),
		attribute.Int64("smallest", math.MinInt64),
		attribute.Int64("beyond", 1<<53+1),
		attribute.Float64("half", 0.5),
		attribute.Float64("huge", math.MaxFloat64),
		attribute.StringSlice("texts", []string{"a", "ü"}),
		attribute.BoolSlice("flags", []bool{true, false}),
		attribute.Int64Slice("numbers", []int64{1, -2, 1<<53 + 1}),
		attribute.Float64Slice("halves", []float64{0.5, -1.25}),
		attribute.ByteSlice("bytes", []byte{0, 255, 16}),
		attribute.Map("map", attribute.String("name", "inner"), attribute.Map("deep", attribute.Bool("yes", true))),
		attribute.Slice("mixed", attribute.Int64Value(1), attribute.StringValue("two"), attribute.Float64Value(0.5)),
	)
	checkout.AddEvent("cart.priced", at(100_000_003), trace.WithAttributes(
		attribute.Int64("items", 1<<53+1), attribute.String("currency", "€")))
	checkout.AddEvent("cart.closed", at(100_000_004))
	checkout.SetStatus(codes.Error, "card declined")

	_, charge := tracer.Start(inside, "charge card", trace.WithSpanKind(trace.SpanKindClient), at(5))
	charge.SetStatus(codes.Ok, "")
	charge.End(at(6))
	for _, each := range []struct {
		name string
		kind trace.SpanKind
	}{
		{"add up", trace.SpanKindInternal},
		{"queue receipt", trace.SpanKindProducer},
		{"print receipt", trace.SpanKindConsumer},
	} {
		_, span := tracer.Start(inside, each.name, trace.WithSpanKind(each.kind), at(7))
		span.End(at(7))
	}
	checkout.End(at(250_000_002))
	if err := provider.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
}
