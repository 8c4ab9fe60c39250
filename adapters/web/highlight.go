package web

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Token is a piece of code with the class of its colour; "" is plain.
type Token struct{ Class, Text string }

// maxHighlight is the size up to which JSON is coloured, in bytes.
const maxHighlight = 64 << 10

// highlight indents JSON and colours keys, strings and other values. What is
// no JSON stays one plain token.
func highlight(raw []byte) []Token {
	var buf bytes.Buffer
	if len(raw) > maxHighlight || json.Indent(&buf, raw, "", "  ") != nil {
		return []Token{{Text: strings.ToValidUTF8(string(raw), "�")}}
	}
	s := strings.ToValidUTF8(buf.String(), "�")
	var out []Token
	for i := 0; i < len(s); {
		n, class := nextToken(s[i:])
		out = append(out, Token{class, s[i : i+n]})
		i += n
	}
	return out
}

// nextToken returns the length and class of the piece at the start of s.
func nextToken(s string) (int, string) {
	switch c := s[0]; {
	case c == '"':
		n := stringEnd(s)
		if strings.HasPrefix(strings.TrimLeft(s[n:], " "), ":") {
			return n, "k"
		}
		return n, "s"
	case isPunctuation(c):
		return strings.IndexFunc(s+`"`, func(r rune) bool { return r >= utf8.RuneSelf || !isPunctuation(byte(r)) }), ""
	}
	if n := strings.IndexAny(s, ",]} \n"); n > 0 {
		return n, "n"
	}
	return len(s), "n"
}

func isPunctuation(c byte) bool { return strings.IndexByte("{}[]:, \n\t\r", c) >= 0 }

func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// readable makes text of an answer's body; ok is false for what is no text.
func readable(body []byte) (tokens []Token, ok bool) {
	if json.Valid(body) {
		return highlight(body), true
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return nil, false
	}
	return []Token{{Text: strings.ToValidUTF8(string(body), "�")}}, true
}
