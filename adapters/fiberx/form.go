package fiberx

import (
	"io"
	"net/textproto"
)

const (
	// formBuffer is what one read from the connection may bring, and at most
	// what one Read of a part gives.
	formBuffer = 256 << 10
	// maxPartHeader is more than any browser sends before a part's bytes.
	maxPartHeader = 16 << 10
)

// Form reads a body of several parts, as multipart/form-data is, one by one (RFC
// 7578, RFC 2046, section 5.1). It does what mime/multipart does, but gives the bytes of a part
// in large pieces instead of 4 KiB: in an upload each piece costs hand-overs
// between reading, hashing and writing, and with small ones these cost as much
// as the hash.
type Form struct {
	src   io.Reader
	delim []byte // CR LF "--" boundary
	mem   []byte
	r, w  int // what was read and not given on is mem[r:w]
	clean int // so many bytes from r on are the part's
	err   error
	part  *Part
	end   error // what NextPart says from now on: io.EOF after the last delimiter
}

// Part is one field or file of a form. It ends where the next one is asked for.
type Part struct {
	Header textproto.MIMEHeader
	form   *Form
	params map[string]string
	ended  bool
}

func newForm(src io.Reader, boundary string) *Form {
	f := &Form{src: src, delim: []byte("\r\n--" + boundary), mem: make([]byte, formBuffer)}
	// The first delimiter may stand at the very beginning, without a line end.
	f.w = copy(f.mem, "\r\n")
	f.part = &Part{form: f} // what precedes it is read like a part, and dropped
	return f
}

// NextPart returns the next part, after dropping what is left of the one
// before. io.EOF after the last; io.ErrUnexpectedEOF when the form breaks off;
// Invalid when it is not a form; else what reading the body returned.
func (f *Form) NextPart() (*Part, error) {
	if f.end != nil {
		return nil, f.end
	}
	if f.end = f.part.drop(); f.end != nil {
		return nil, f.end
	}
	if f.takeDelimiter() {
		f.end = io.EOF
		return nil, f.end
	}
	f.part, f.end = f.takeHeader()
	return f.part, f.end
}

// FormName is the name of the field.
func (p *Part) FormName() string { return p.params["name"] }

// FileName is the file's name as the sender gave it, folders and all; "" for a
// field that is no file.
func (p *Part) FileName() string { return p.params["filename"] }

// Read gives the part's bytes, io.EOF at its end.
func (p *Part) Read(b []byte) (int, error) {
	f := p.form
	if p.ended || f.part != p || f.end != nil {
		return 0, io.EOF
	}
	for f.clean == 0 {
		found, err := f.look()
		if err != nil {
			return 0, err
		}
		if found {
			p.ended = true
			return 0, io.EOF
		}
	}
	n := copy(b, f.mem[f.r:f.r+f.clean])
	f.skip(n)
	return n, nil
}

// drop reads the part to its end.
func (p *Part) drop() error {
	for !p.ended {
		p.form.skip(p.form.clean)
		found, err := p.form.look()
		if err != nil {
			return err
		}
		p.ended = found
	}
	return nil
}

// skip forgets n bytes.
func (f *Form) skip(n int) {
	f.r += n
	f.clean = max(f.clean-n, 0)
}
