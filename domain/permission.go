package domain

import (
	"slices"
	"strings"
)

// Permission is one thing that staff may do with what is theirs, unless it is
// withheld from an account. Admins may do all of them. Looking at what is one's
// own, and at one's account, cannot be withheld.
type Permission string

const (
	MayUpload   Permission = "upload"   // hand in files and batches
	MayDownload Permission = "download" // fetch files, and see their links
	MayDelete   Permission = "delete"   // delete files, and decide how long they are kept
	MayProcess  Permission = "process"  // mark files processed or failed
)

// Permissions in the order in which they are shown.
var Permissions = []Permission{MayUpload, MayDownload, MayDelete, MayProcess}

// scope is what a token needs for it.
func (p Permission) scope() Scope {
	switch p {
	case MayDownload:
		return ScopeRead
	case MayProcess:
		return ScopeProcess
	}
	return ScopeUpload
}

// ParsePermissions reads a comma list such as "download,delete"; Invalid on field.
func ParsePermissions(field, s string) ([]Permission, error) {
	var out []Permission
	for word := range strings.SplitSeq(s, ",") {
		p := Permission(strings.TrimSpace(word))
		if p != "" {
			out = append(out, p)
		}
	}
	return checkPermissions(field, out)
}

// checkPermissions returns them without doubles, in their order.
func checkPermissions(field string, ps []Permission) ([]Permission, error) {
	var out []Permission
	for _, p := range ps {
		if !slices.Contains(Permissions, p) {
			return nil, FieldErrorf(field, "%q is not a permission; they are %s.", p, permissionWords(Permissions))
		}
	}
	for _, p := range Permissions {
		if slices.Contains(ps, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func permissionWords(ps []Permission) string {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = string(p)
	}
	return strings.Join(words, ", ")
}

// heldWords are what is left to an account.
func heldWords(withheld []Permission) string {
	held := slices.DeleteFunc(slices.Clone(Permissions), func(p Permission) bool { return slices.Contains(withheld, p) })
	if len(held) == 0 {
		return "none"
	}
	return permissionWords(held)
}

// May tells whether the actor's account has the permission.
func (a Actor) May(p Permission) bool {
	return a.Role == RoleAdmin || !slices.Contains(a.Withheld, p)
}

// RequireTo is Require of the scope that goes with the permission, and Forbidden
// for an account from which it is withheld, by whatever token it asks.
func (a Actor) RequireTo(p Permission) error {
	if err := a.Require(p.scope()); err != nil {
		return err
	}
	if !a.May(p) {
		return Errorf(Forbidden, "Your account may not %s. Ask an admin.", map[Permission]string{
			MayUpload: "hand in files", MayDownload: "fetch files", MayDelete: "delete files or change how long they are kept", MayProcess: "mark files processed or failed",
		}[p])
	}
	return nil
}
