package web

// GuideTab is how to verify a signature in one language.
type GuideTab struct{ ID, Label, Code string }

// verifyGuide shows code that checks the Standard Webhooks headers: the secret's
// base64 part is the key, the text is id.timestamp.body, one of the signatures
// must match, and the timestamp must be within five minutes.
func verifyGuide() []GuideTab {
	return []GuideTab{{"go", "Go", guideGo}, {"python", "Python", guidePython}, {"node", "Node", guideNode}}
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
