package fiberx

// SharePath is where a share link with this token leads.
func SharePath(token string) string { return "/s/" + token }
