// A stock Go service and its caller, as ../../record.ts wants them:
//
//	shop serve <port> [<url of the next service>]
//	shop call <url>
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	check(err)
	res, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK())
	check(err)
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	if os.Args[1] == "serve" {
		next := ""
		if len(os.Args) > 3 {
			next = os.Args[3]
		}
		serve(os.Args[2], next)
	} else {
		ctx, span := otel.Tracer("shop").Start(ctx, "buy tea")
		call(ctx, os.Args[2])
		span.End()
	}
	check(provider.Shutdown(ctx))
}

func serve(port, next string) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, span := otel.Tracer("shop").Start(r.Context(), "look up")
		span.End()
		if next != "" {
			call(r.Context(), next)
		}
		io.WriteString(w, "tea")
	})
	server := &http.Server{Addr: "127.0.0.1:" + port, Handler: otelhttp.NewHandler(mux, "shop")}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func call(ctx context.Context, url string) {
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	check(err)
	response, err := client.Do(request)
	check(err)
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
