import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Executors;

/**
 * A service and its caller that know nothing of tracing: the Java agent instruments both, as
 * ../../record.ts wants them: {@code serve <port> [<url of the next service>]}, {@code call <url>}.
 */
public class Shop {
  public static void main(String[] args) throws Exception {
    if (args[0].equals("call")) {
      System.out.println(call(args[1]));
      return;
    }
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])), 0);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.createContext("/items/", exchange -> {
      boolean isKnown = exchange.getRequestURI().getPath().endsWith("/7");
      try {
        if (args.length > 2 && isKnown) call(args[2]);
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
      }
      exchange.sendResponseHeaders(isKnown ? 200 : 404, -1);
      exchange.close();
    });
    server.start();
  }

  private static int call(String url) throws java.io.IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
