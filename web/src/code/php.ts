import { type Language, quotedForPHP } from './values'

export const php: Language = {
  id: 'php',
  name: 'PHP',
  needs: 'PHP 8, curl, sodium',
  code: ({ url, app, license }) => `<?php
const API = ${quotedForPHP(url + '/api/1.3/')};
const APP = ["name" => ${quotedForPHP(app.name)}, "ownerid" => ${quotedForPHP(app.ownerId)}];
const KEY = ${quotedForPHP(app.compatKey)};

function call(array $form): array
{
    $headers = [];
    $curl = curl_init(API);
    curl_setopt_array($curl, [
        CURLOPT_POSTFIELDS => http_build_query(APP + $form),
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 10,
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
            [$name, $value] = explode(":", $line, 2) + ["", ""];
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ]);
    $answer = curl_exec($curl);
    if ($answer === false) {
        exit(curl_error($curl) . "\\n");
    }
    // An answer that this application's key has not signed just now is none.
    $sent = $headers["x-signature-timestamp"] ?? "";
    $signature = $headers["x-signature-ed25519"] ?? "";
    $genuine = preg_match('/^[0-9a-f]{128}$/', $signature) === 1
        && sodium_crypto_sign_verify_detached(hex2bin($signature), $sent . $answer, hex2bin(KEY));
    $body = $genuine ? json_decode($answer, true) : null;
    if (abs(time() - (int) $sent) > 60 || ($body["ownerid"] ?? null) !== APP["ownerid"]) {
        exit("This answer is not for us.\\n");
    }
    if (!$body["success"]) {
        exit($body["message"] . "\\n");
    }
    return $body;
}

$hwid = hash("sha256", php_uname("n") . "-" . get_current_user());
$session = call(["type" => "init", "ver" => ${quotedForPHP(app.version)}])["sessionid"];
$user = call(["type" => "license", "sessionid" => $session, "key" => ${quotedForPHP(license)}, "hwid" => $hwid]);
echo "Hello, " . $user["info"]["username"] . "\\n";
`,
}
