package fiberx

// Matches tells whether the guard takes a path for one of a route.
func Matches(pattern, path string) bool { return mark(pattern, true).matches(path) }
