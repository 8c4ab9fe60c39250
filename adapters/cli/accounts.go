package cli

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"doorito/domain"
)

func (p *Program) user() *cobra.Command {
	return group("user", "Create, change and list users, set passwords", p.userCreate(), p.userSet(), p.userList(), p.userSetPassword(), p.userResetFactor())
}

func (p *Program) userCreate() *cobra.Command {
	var name, role, quota, types, withhold string
	var stdin bool
	c := &cobra.Command{Use: "create EMAIL", Short: "Create a user; prints a random password unless one is given", Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&name, "name", "", "full name; the part before the @ when left out")
	c.Flags().StringVar(&role, "role", string(domain.RoleStaff), "admin or staff")
	allowanceFlags(c, &quota, &types, &withhold)
	c.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, args []string) error {
		f := domain.UserForm{Email: args[0], Name: name}
		if err := readAccount(&f, role, quota, types, withhold); err != nil {
			return err
		}
		password, random, err := p.password(stdin)
		if err != nil {
			return err
		}
		u, _, err := core.Accounts.Add(c.Context(), domain.System(), f, password)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "created %s (%s)\n", u.Email, u.Role)
		if random {
			fmt.Fprintln(p.Stdout, password)
		}
		return nil
	})
	return c
}

// password reads one line from standard input or makes a random one.
func (p *Program) password(stdin bool) (password string, random bool, err error) {
	if !stdin {
		password, err = domain.RandomText(rand.Reader, 12)
		return password, true, err
	}
	line, err := bufio.NewReader(p.Stdin).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if err != nil && line == "" {
		return "", false, &UsageError{errors.New("no password on standard input")}
	}
	return line, false, nil
}

func (p *Program) userSetPassword() *cobra.Command {
	var stdin bool
	c := &cobra.Command{Use: "set-password EMAIL", Short: "Set a password and end the user's sessions; prints a random one unless one is given", Args: cobra.ExactArgs(1)}
	c.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, args []string) error {
		password, random, err := p.password(stdin)
		if err != nil {
			return err
		}
		if err := core.Users.SetPassword(c.Context(), domain.System(), args[0], password); err != nil {
			return err
		}
		if random {
			fmt.Fprintln(p.Stdout, password)
		}
		return nil
	})
	return c
}

func (p *Program) userResetFactor() *cobra.Command {
	return &cobra.Command{Use: "reset-second-factor EMAIL", Short: "Take away the second factor of somebody who lost app and recovery codes", Args: cobra.ExactArgs(1),
		RunE: p.withCore(func(c *cobra.Command, core *Core, args []string) error {
			u, err := core.Users.FindByEmail(c.Context(), domain.System(), args[0])
			if err != nil {
				return err
			}
			if err := core.Factors.Reset(c.Context(), domain.System(), u.ID); err != nil {
				return err
			}
			fmt.Fprintf(p.Stderr, "%s signs in with the password alone now\n", u.Email)
			return nil
		}),
	}
}

func (p *Program) userList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "list", Short: "List users", Args: cobra.NoArgs}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		us, err := core.Users.List(c.Context(), domain.System())
		if err != nil {
			return err
		}
		type row struct {
			ID          string              `json:"id"`
			Email       string              `json:"email"`
			Name        string              `json:"name"`
			Role        string              `json:"role"`
			Active      bool                `json:"active"`
			LastLoginAt *time.Time          `json:"last_login_at"`
			Quota       int64               `json:"quota_bytes"` // 0: no limit
			Types       []string            `json:"allowed_types"`
			Withheld    []domain.Permission `json:"withheld"`
		}
		rows := make([]row, len(us))
		for i, u := range us {
			rows[i] = row{u.ID.String(), u.Email, u.Name, string(u.Role), u.Active, u.LastLoginAt, u.Allowance.Quota, append([]string{}, u.Allowance.Types...), append([]domain.Permission{}, u.Withheld...)}
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(rows)
		}
		for _, r := range rows {
			state := "active"
			if !r.Active {
				state = "inactive"
			}
			fmt.Fprintf(p.Stdout, "%-32s %-6s %-8s %s\n", r.Email, r.Role, state, r.Name)
		}
		return nil
	})
	return c
}
