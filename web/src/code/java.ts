import { type Language, quotedForJavaScript as quoted } from './values'

export const java: Language = {
  id: 'java',
  name: 'Java',
  needs: 'Java 17, com.google.code.gson:gson',
  code: ({ url, app, license }) => `import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;

class Program {
    static final String API = ${quoted(url + '/api/1.3/')};
    static final String NAME = ${quoted(app.name)};
    static final String OWNER_ID = ${quoted(app.ownerId)};
    static final String KEY = ${quoted(app.compatKey)};
    static final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    static JsonObject call(Map<String, String> given) throws Exception {
        var form = new HashMap<>(given);
        form.put("name", NAME);
        form.put("ownerid", OWNER_ID);
        var text = form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(URI.create(API)).timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(text)).build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        // An answer that this application's key has not signed just now is none.
        var sent = answer.headers().firstValue("x-signature-timestamp").orElseThrow();
        var signature = Signature.getInstance("Ed25519");
        signature.initVerify(publicKey());
        signature.update(sent.getBytes(StandardCharsets.US_ASCII));
        signature.update(answer.body());
        var genuine = signature.verify(HexFormat.of().parseHex(answer.headers().firstValue("x-signature-ed25519").orElseThrow()));
        var age = Math.abs(Instant.now().getEpochSecond() - Long.parseLong(sent));
        if (!genuine || age > 60) throw new SecurityException("This answer is not for us.");
        var body = JsonParser.parseString(new String(answer.body(), StandardCharsets.UTF_8)).getAsJsonObject();
        if (!OWNER_ID.equals(body.get("ownerid").getAsString())) throw new SecurityException("This answer is not for us.");
        if (!body.get("success").getAsBoolean()) throw new IllegalStateException(body.get("message").getAsString());
        return body;
    }

    static PublicKey publicKey() throws Exception {
        var der = HexFormat.of().parseHex("302a300506032b6570032100" + KEY);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    public static void main(String[] args) throws Exception {
        var computer = InetAddress.getLocalHost().getHostName() + "-" + System.getProperty("user.name");
        var hash = MessageDigest.getInstance("SHA-256").digest(computer.getBytes(StandardCharsets.UTF_8));
        var session = call(Map.of("type", "init", "ver", ${quoted(app.version)})).get("sessionid").getAsString();
        var user = call(Map.of("type", "license", "sessionid", session, "key", ${quoted(license)}, "hwid", HexFormat.of().formatHex(hash)));
        System.out.println("Hello, " + user.getAsJsonObject("info").get("username").getAsString());
    }
}
`,
}
