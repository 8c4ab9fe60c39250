package api

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// meJSON is who asks; one of token and session is set.
type meJSON struct {
	User    userJSON        `json:"user"`
	Token   *tokenJSON      `json:"token"`
	Session *webSessionJSON `json:"session"`
	Limits  limitsJSON      `json:"limits"`
}

// limitsJSON is what this user may hand in.
type limitsJSON struct {
	MaxSize int64    `json:"max_size_bytes"`
	Types   []string `json:"allowed_types"` // empty: all
	Quota   *int64   `json:"quota_bytes"`   // null: no limit
	Used    int64    `json:"used_bytes"`
}

type userJSON struct {
	ID    uuid.UUID `json:"id"`
	Email string    `json:"email"`
	Name  string    `json:"name"`
	Role  string    `json:"role"`
}

type tokenJSON struct {
	Name      string         `json:"name"`
	Prefix    string         `json:"prefix"`
	Scopes    []domain.Scope `json:"scopes"` // those that count: no more than the user has
	ExpiresAt *time.Time     `json:"expires_at"`
}

type webSessionJSON struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// me answers with who asks and what for.
func (h *handlers) me(c *fiber.Ctx) error {
	a := fiberx.Actor(c)
	t, err := h.Me.Token(c.UserContext(), a)
	if err != nil {
		return err
	}
	out := meJSON{User: userJSON{ID: a.UserID, Email: a.Email, Name: a.Name, Role: string(a.Role)}}
	if t != nil {
		scopes := slices.DeleteFunc(slices.Clone(t.Scopes), func(s domain.Scope) bool {
			return s == domain.ScopeAdmin && !a.IsAdmin() || !slices.Contains(domain.ScopesFor(&domain.User{Role: a.Role, Withheld: a.Withheld}), s)
		})
		out.Token = &tokenJSON{Name: t.Name, Prefix: t.Prefix, Scopes: append([]domain.Scope{}, scopes...), ExpiresAt: t.ExpiresAt}
	}
	if out.Limits, err = h.limits(c, a); err != nil {
		return err
	}
	if s := fiberx.Signed(c); s != nil {
		out.Session = &webSessionJSON{ExpiresAt: s.ExpiresAt}
	}
	return c.JSON(out)
}

func (h *handlers) limits(c *fiber.Ctx, a domain.Actor) (limitsJSON, error) {
	policy := h.Uploads.Policy(a)
	usage, err := h.Uploads.Usage(c.UserContext(), a)
	out := limitsJSON{MaxSize: policy.MaxSize, Types: append([]string{}, policy.AllowedTypes...), Used: usage.Used}
	if usage.Quota > 0 {
		out.Quota = &usage.Quota
	}
	return out, err
}
