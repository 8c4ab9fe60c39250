// Package ports holds the driven interfaces: what the core needs from the
// world, with plain types and no logic. Adapters implement them; each port has
// a contract suite in ports/portstest that every adapter runs. The comments
// here are the contracts.
//
// Unless a comment says otherwise: a Find that finds nothing returns an error
// with code not_found, times are UTC with microseconds, and an error that is
// not a *domain.Error is internal.
package ports
