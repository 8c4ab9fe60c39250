package engine

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// hiddenValue stands in kept requests for what only the endpoint may read.
const hiddenValue = "••••••••"

// request is what goes out, and what is kept of it.
func (c *Courier) request(j Job, at time.Time, body []byte) (out ports.SendRequest, kept http.Header, err error) {
	out = ports.SendRequest{URL: j.Endpoint.URL, Headers: http.Header{}, Body: body, Timeout: c.timeout(j.Endpoint)}
	for name, sealed := range j.Endpoint.Headers {
		value, err := c.Keys.Open(sealed, domain.HeaderSeal(j.Endpoint.ID, name))
		if err != nil {
			return out, nil, err
		}
		out.Headers.Set(name, value)
	}
	if err := c.sign(out.Headers, j, at, body); err != nil {
		return out, nil, err
	}
	if cert := j.Endpoint.ClientCert; cert != nil {
		if out.ClientCert, err = c.Keys.Open(cert.Sealed, domain.ClientCertSeal(j.Endpoint.ID)); err != nil {
			return out, nil, err
		}
	}
	kept = out.Headers.Clone()
	for name := range j.Endpoint.Headers {
		kept.Set(name, hiddenValue)
	}
	return out, kept, nil
}

// sign writes both families of headers (behaviour.md, "Webhook request"). The
// hex family is keyed with the oldest live symmetric secret, until it is
// retired; where only ed25519 keys sign, it is left out.
func (c *Courier) sign(h http.Header, j Job, at time.Time, body []byte) error {
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Doorito")
	h.Set("X-Webhook-Event", string(j.Event.Type))
	h.Set("X-Webhook-Delivery", j.Delivery.ID.String())
	h.Set("Webhook-Id", j.Event.ID.String())
	h.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	var sigs []string
	for _, s := range j.Endpoint.LiveSecrets(at) {
		secret, err := c.Keys.Open(s.Sealed, s.ID.String())
		if err != nil {
			return err
		}
		sig, err := domain.SignStandard(secret, j.Event.ID.String(), at, body)
		if err != nil {
			return err
		}
		if s.Kind != domain.SecretEd25519 && h.Get("X-Webhook-Signature") == "" {
			h.Set("X-Webhook-Signature", domain.SignHex(secret, body))
		}
		sigs = append(sigs, sig)
	}
	if len(sigs) == 0 {
		return domain.Errorf(domain.Internal, "The endpoint %s has no live secret.", j.Endpoint.ID)
	}
	h.Set("Webhook-Signature", strings.Join(sigs, " "))
	return nil
}
