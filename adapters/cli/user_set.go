package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"doorito/domain"
)

func allowanceFlags(c *cobra.Command, quota, types, withhold *string) {
	c.Flags().StringVar(quota, "quota", "", "how much the user's files may take together, such as 10GB; \"\" is no limit")
	c.Flags().StringVar(withhold, "withhold", "", "what staff may not do: upload, download, delete, process; \"\" withholds nothing")
	c.Flags().StringVar(types, "types", "", "allowed types in place of the portal's, such as application/pdf,image/*; \"\" is the portal's")
}

// readAccount reads what flags say of an account.
func readAccount(f *domain.UserForm, role, quota, types, withhold string) (err error) {
	if f.Role, err = domain.ParseRole(role); err != nil {
		return err
	}
	if f.Allowance.Quota, err = domain.ParseBytes("quota", quota); err != nil {
		return err
	}
	if f.Withheld, err = domain.ParsePermissions("withhold", withhold); err != nil {
		return err
	}
	f.Allowance.Types, err = domain.ParseTypes("types", types)
	return err
}

func (p *Program) userSet() *cobra.Command {
	var name, role, quota, types, withhold string
	c := &cobra.Command{Use: "set EMAIL", Short: "Change a user: name, role, quota, allowed types, permissions; what is not named stays", Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&name, "name", "", "full name")
	c.Flags().StringVar(&role, "role", "", "admin or staff")
	allowanceFlags(c, &quota, &types, &withhold)
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, args []string) error {
		u, err := core.Users.FindByEmail(c.Context(), domain.System(), args[0])
		if err != nil {
			return err
		}
		f := u.Form()
		given := func(flag string, now *string, was string) {
			if !c.Flags().Changed(flag) {
				*now = was
			}
		}
		given("role", &role, string(u.Role))
		given("quota", &quota, domain.ExactBytes(u.Allowance.Quota))
		given("types", &types, strings.Join(u.Allowance.Types, ","))
		given("withhold", &withhold, permissionList(u.Withheld))
		if c.Flags().Changed("name") {
			f.Name = name
		}
		if err := readAccount(&f, role, quota, types, withhold); err != nil {
			return err
		}
		if u, err = core.Accounts.Change(c.Context(), domain.System(), u.ID, f, u.UpdatedAt); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "changed %s (%s)\n", u.Email, u.Role)
		return nil
	})
	return c
}

func permissionList(ps []domain.Permission) string {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = string(p)
	}
	return strings.Join(words, ",")
}
