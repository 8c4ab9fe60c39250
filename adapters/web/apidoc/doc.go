// Package apidoc reads an OpenAPI 3.1 document into what a page shows of it:
//
//	document ── value (keeps the order) ── Doc ── Group ── Operation ── Param, Field, Answer
//	                                          └── Object ── Field
//
// It takes as much of OpenAPI as our own document uses: references inside the
// document, operations with tags, parameters, JSON bodies, examples and curl
// samples (x-codeSamples). What is written in it as `code` becomes Span.Code.
package apidoc

// Doc is the whole description.
type Doc struct {
	Title   string
	Summary string
	Intro   []Text // paragraphs
	Groups  []Group
	Objects []Object
	Errors  []Answer // what any operation may answer
}

// Text is a paragraph.
type Text []Span

// Span is a piece of text, or of code.
type Span struct {
	Code bool
	Text string
}

// Group is the operations with one tag.
type Group struct {
	Slug, Name string
	Text       Text
	Operations []Operation
}

// Operation is a method on a path.
type Operation struct {
	ID, Method, Path, Summary string
	Text                      []Text
	Scopes                    []string // any of them; none: open to everybody who is known
	Open                      bool     // needs no token at all
	Params                    []Field
	Body                      *Body
	Answers                   []Answer // 2xx and 3xx
	Errors                    []string // status codes
	Curl                      string
}

// Body is what a request brings.
type Body struct {
	Required bool
	Raw      bool   // the bytes themselves, no JSON
	Object   string // name of its Object, "" for none
	Fields   []Field
	Example  []byte
}

// Answer is one status of an operation.
type Answer struct {
	Status  string
	Text    Text
	Object  string // name of its Object, "" for none
	Example []byte // JSON
}

// Object is a named schema.
type Object struct {
	Name    string
	Text    Text
	Values  []string // of a word with few values
	Fields  []Field
	IsArray bool
}

// Field is a field of an object, or a parameter.
type Field struct {
	Name, In, Type string
	Object         string // name of the Object that its type is or holds
	Required       bool
	Text           Text
	Values         []string
	Example        string
}
