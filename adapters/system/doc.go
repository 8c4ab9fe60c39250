// Package system is the real clock and the real source of ids. Tests use those
// of adapters/memory instead.
package system
