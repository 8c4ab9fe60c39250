package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// madeSecretJSON is a new secret. Secret is shown this once; a key pair has a
// public key instead.
type madeSecretJSON struct {
	secretJSON
	Secret string `json:"secret,omitempty"`
}

// secretRotate makes a secret that signs from now on: 201. The same
// Idempotency-Key again answers 200 with that secret.
func (h *handlers) secretRotate(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	in := struct {
		Kind    string  `json:"kind"`
		Overlap float64 `json:"overlap_hours"`
	}{string(domain.SecretHMAC), domain.DefaultOverlap.Hours()}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if in.Overlap < 0 || in.Overlap > domain.MaxOverlap.Hours() {
		return domain.FieldErrorf("overlap_hours", "Both secrets sign for 0 to %g hours, not %g.", domain.MaxOverlap.Hours(), in.Overlap)
	}
	overlap := time.Duration(in.Overlap * float64(time.Hour))
	s, shown, replayed, err := h.EndpointsOnce.RotateOnce(c.UserContext(), fiberx.Actor(c), id, domain.SecretKind(in.Kind), overlap, idempotencyKey(c))
	if err != nil {
		return err
	}
	out := madeSecretJSON{secretJSON: newSecretJSON(s)}
	if s.Kind != domain.SecretEd25519 {
		out.Secret = shown
	}
	created(c, "", replayed)
	return c.JSON(out)
}

// secretRetire ends a secret at once: 204, 409 for the last that signs.
func (h *handlers) secretRetire(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	secret, err := fiberx.ParseID(c.Params("secret"))
	if err != nil {
		return err
	}
	if err := h.Keys.Retire(c.UserContext(), fiberx.Actor(c), id, secret); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// certificateSet sets the client certificate and answers with what it says.
func (h *handlers) certificateSet(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		Certificate string `json:"certificate"`
		PrivateKey  string `json:"private_key"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	cert, err := h.Keys.SetClientCert(c.UserContext(), fiberx.Actor(c), id, in.Certificate, in.PrivateKey)
	if err != nil {
		return err
	}
	return c.JSON(newCertJSON(cert))
}

// certificateRemove removes it: 204.
func (h *handlers) certificateRemove(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := h.Keys.RemoveClientCert(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
