package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

func (p *Program) token() *cobra.Command {
	return group("token", "Make, list and revoke API tokens", p.tokenCreate(), p.tokenList(), p.tokenRevoke())
}

func (p *Program) tokenCreate() *cobra.Command {
	var in usecase.TokenInput
	var scopes string
	c := &cobra.Command{Use: "create", Short: "Make an API token and print it, once", Args: cobra.NoArgs}
	c.Flags().StringVar(&in.UserEmail, "user", "", "email of the user it acts for (required)")
	c.Flags().StringVar(&in.Name, "name", "", "what it is for (required)")
	c.Flags().StringVar(&scopes, "scopes", "upload,read", "comma list of upload, read, process, admin")
	c.Flags().DurationVar(&in.Expires, "expires", 0, "lifetime such as 720h; 0 means never")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		if in.UserEmail == "" || in.Name == "" {
			return &UsageError{errors.New("token create needs --user EMAIL and --name NAME")}
		}
		var err error
		if in.Scopes, err = domain.ParseScopes(scopes); err != nil {
			return err
		}
		_, secret, err := core.Tokens.Create(c.Context(), domain.System(), in)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, secret)
		return err
	})
	return c
}

// tokenLine is a token as `token list` tells it; the token itself nobody knows.
type tokenLine struct {
	ID         uuid.UUID         `json:"id"`
	Prefix     string            `json:"prefix"`
	Name       string            `json:"name"`
	User       string            `json:"user"`
	Scopes     []domain.Scope    `json:"scopes"`
	State      domain.TokenState `json:"state"`
	CreatedAt  time.Time         `json:"created_at"`
	LastUsedAt *time.Time        `json:"last_used_at"`
	ExpiresAt  *time.Time        `json:"expires_at"`
	RevokedAt  *time.Time        `json:"revoked_at"`
}

func (p *Program) tokenList() *cobra.Command {
	var email string
	var asJSON bool
	c := &cobra.Command{Use: "list", Short: "List API tokens, newest first", Args: cobra.NoArgs}
	c.Flags().StringVar(&email, "user", "", "only those of the user with this email")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		q := ports.ListQuery{Limit: ports.MaxPageSize}
		if email != "" {
			u, err := core.Users.FindByEmail(c.Context(), domain.System(), email)
			if err != nil {
				return err
			}
			q.Owner = &u.ID
		}
		lines := []tokenLine{}
		for more := true; more; {
			page, err := core.Tokens.List(c.Context(), domain.System(), q)
			if err != nil {
				return err
			}
			for _, t := range page.Items {
				lines = append(lines, tokenLine{t.ID, t.Prefix, t.Name, t.UserEmail, t.Scopes, t.State(p.Clock.Now()), t.CreatedAt, t.LastUsedAt, t.ExpiresAt, t.RevokedAt})
				q.After = &ports.Cursor{At: t.CreatedAt, ID: t.ID}
			}
			more = page.Older
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(lines)
		}
		for _, l := range lines {
			fmt.Fprintf(p.Stdout, "%s  %s  %-8s %-24s %-28s %s\n", l.ID, l.Prefix, l.State, scopeWords(l.Scopes), l.User, l.Name)
		}
		return nil
	})
	return c
}

func scopeWords(scopes []domain.Scope) string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return strings.Join(out, ",")
}

func (p *Program) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID|PREFIX", Short: "End a token for good; what uses it is refused from its next request on", Args: cobra.ExactArgs(1),
		RunE: p.withCore(func(c *cobra.Command, core *Core, args []string) error {
			t, err := tokenNamed(c.Context(), core, args[0])
			if err != nil {
				return err
			}
			n, err := core.Tokens.Revoke(c.Context(), domain.System(), []uuid.UUID{t.ID})
			if err != nil {
				return err
			}
			word := "revoked"
			if n == 0 {
				word = "was revoked before:"
			}
			_, err = fmt.Fprintf(p.Stderr, "%s %s (%s)\n", word, t.Prefix, t.Name)
			return err
		}),
	}
}

// tokenNamed finds a token by its id, or by what lists show of it.
func tokenNamed(ctx context.Context, core *Core, name string) (*domain.APIToken, error) {
	if id, err := uuid.Parse(name); err == nil {
		d, err := core.Tokens.Find(ctx, domain.System(), id)
		if err != nil {
			return nil, err
		}
		return d.Token, nil
	}
	if !strings.HasPrefix(name, domain.TokenPrefix) {
		return nil, &UsageError{fmt.Errorf("%q is neither the id of a token nor its beginning (%s…); see doorito token list", name, domain.TokenPrefix)}
	}
	return core.Tokens.FindByPrefix(ctx, domain.System(), name)
}
