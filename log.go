package main

import (
	"io"
	"log/slog"
	"os"
)

// newLogger writes text on a terminal and JSON elsewhere, unless LOG_FORMAT says.
func newLogger(c *Config, w io.Writer) *slog.Logger {
	if c == nil {
		return slog.New(slog.DiscardHandler)
	}
	opt := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" || (c.LogFormat == "" && !isTerminal(w)) {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
