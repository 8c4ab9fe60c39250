package web

import "github.com/gofiber/fiber/v2"

// ReceivePage is for whoever writes a receiver.
type ReceivePage struct {
	Page
	Guide   []GuideTab
	Payload string
}

const samplePayload = `{
  "id": "01936a5e-8b2f-7c90-a1b2-c3d4e5f60718",
  "type": "file.stored",
  "timestamp": "2026-11-23T10:20:00.123456Z",
  "data": {
    "url": "https://portal.example/d/…",
    "file_id": "01936a5e-7c1a-7b64-9d0e-5f6a3c2b1d10",
    "original_filename": "scan.pdf",
    "content_type": "application/pdf",
    "size_bytes": 48213,
    "sha256": "9f2c…",
    "batch_id": null,
    "uploaded_by": "Ines Ferrante",
    "metadata": {},
    "expires_at": "2026-11-24T10:20:00Z"
  }
}`

// showReceive tells how to receive webhooks.
func (s *site) showReceive(c *fiber.Ctx) error {
	p := ReceivePage{Page: s.page(c, "Receive webhooks", "endpoints", endpointCrumbs()...), Guide: verifyGuide(), Payload: samplePayload}
	return render(c, "pages/receive", "", p)
}

// GuideTab is how to verify a signature in one language.
type GuideTab struct{ ID, Label, Code string }

// verifyGuide shows code that checks the Standard Webhooks headers: the secret's
// base64 part is the key, the text is id.timestamp.body, one of the signatures
// must match, and the timestamp must be within five minutes.
func verifyGuide() []GuideTab {
	return []GuideTab{
		{"go", "Go", guideGo}, {"python", "Python", guidePython}, {"node", "Node", guideNode},
		{"php", "PHP", guidePHP}, {"csharp", "C#", guideCSharp}, {"shell", "curl and openssl", guideShell},
	}
}

const guideGo = `func verify(secret string, h http.Header, body []byte) error {
	sent, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return errors.New("timestamp is missing or too old")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "."))
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, got := range strings.Fields(h.Get("webhook-signature")) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature matches")
}`

const guidePython = `import base64, hashlib, hmac, time

def verify(secret: str, headers, body: bytes) -> None:
    msg_id = headers["webhook-id"]
    sent = headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > 300:
        raise ValueError("timestamp is too old")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{msg_id}.{sent}.".encode() + body
    mac = hmac.new(key, text, hashlib.sha256).digest()
    want = "v1," + base64.b64encode(mac).decode()
    for got in headers["webhook-signature"].split():
        if hmac.compare_digest(got.encode(), want.encode()):
            return
    raise ValueError("no signature matches")`

const guideNode = `import { createHmac, timingSafeEqual } from "node:crypto";

// body is the raw request body (a Buffer), before any JSON parsing
export function verify(secret, headers, body) {
  const id = headers["webhook-id"];
  const sent = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= 300)) {
    throw new Error("timestamp is missing or too old");
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(` + "`${id}.${sent}.`" + `).update(body);
  const want = Buffer.from("v1," + mac.digest("base64"));
  for (const part of String(headers["webhook-signature"]).split(" ")) {
    const got = Buffer.from(part);
    if (got.length === want.length && timingSafeEqual(got, want)) return;
  }
  throw new Error("no signature matches");
}`

const guidePHP = `<?php

// $body is file_get_contents("php://input"), $headers have lower-case names
function verify(string $secret, array $headers, string $body): void
{
    $id = $headers["webhook-id"] ?? "";
    $sent = $headers["webhook-timestamp"] ?? "";
    if (!ctype_digit($sent) || abs(time() - (int) $sent) > 300) {
        throw new Exception("timestamp is missing or too old");
    }
    $key = base64_decode(preg_replace("/^whsec_/", "", $secret), true);
    $mac = hash_hmac("sha256", "$id.$sent.$body", $key, true);
    $want = "v1," . base64_encode($mac);
    foreach (explode(" ", $headers["webhook-signature"] ?? "") as $got) {
        if (hash_equals($want, $got)) {
            return;
        }
    }
    throw new Exception("no signature matches");
}`

const guideCSharp = `using System;
using System.Security.Cryptography;
using System.Text;

public static class Webhook
{
    // body: the request's bytes as they came, before any JSON parsing
    public static void Verify(string secret, string id, string sent, string signatures, byte[] body)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (!long.TryParse(sent, out long at) || Math.Abs((double)now - at) > 300)
            throw new Exception("timestamp is missing or too old");
        byte[] key = Convert.FromBase64String(secret.Substring("whsec_".Length));
        byte[] head = Encoding.UTF8.GetBytes(id + "." + sent + ".");
        byte[] text = new byte[head.Length + body.Length];
        head.CopyTo(text, 0);
        body.CopyTo(text, head.Length);
        using (var hmac = new HMACSHA256(key))
        {
            string want = "v1," + Convert.ToBase64String(hmac.ComputeHash(text));
            foreach (string got in signatures.Split(' '))
                if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(got), Encoding.UTF8.GetBytes(want)))
                    return;
        }
        throw new Exception("no signature matches");
    }
}`

const guideShell = `# sign ID TIMESTAMP FILE: the signature of a body in a file
sign() {
  key=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
  { printf %s "$1.$2."; cat "$3"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A
}

# verify ID TIMESTAMP SIGNATURES FILE: true or false
verify() {
  age=$(( $(date +%s) - $2 ))
  [ "$age" -le 300 ] && [ "$age" -ge -300 ] || return 1
  want="v1,$(sign "$1" "$2" "$4")"
  for got in $3; do [ "$got" = "$want" ] && return 0; done
  return 1
}

# post URL FILE: send your receiver a signed webhook by hand
post() {
  id=msg_$(openssl rand -hex 8) at=$(date +%s)
  curl --fail-with-body --silent --show-error "$1" --data-binary "@$2" \
    -H "Content-Type: application/json" -H "webhook-id: $id" -H "webhook-timestamp: $at" \
    -H "webhook-signature: v1,$(sign "$id" "$at" "$2")"
}`
