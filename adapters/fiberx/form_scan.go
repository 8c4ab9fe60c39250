package fiberx

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/textproto"

	"doorito/domain"
)

// look finds the next delimiter. It sets clean to how many bytes before it are
// the part's, and reports found when there are none; it reads more when nothing
// can be said yet.
func (f *Form) look() (found bool, err error) {
	data := f.mem[f.r:f.w]
	for from := 0; ; {
		i := bytes.Index(data[from:], f.delim)
		if i < 0 {
			// A delimiter may begin in the last bytes.
			f.clean = max(from, len(data)-len(f.delim)+1)
			break
		}
		f.clean = from + i
		is, sure := f.isDelimiter(data[f.clean+len(f.delim):])
		if is {
			return f.clean == 0, nil
		}
		if !sure {
			break
		}
		from = f.clean + 1
	}
	if f.clean > 0 {
		return false, nil
	}
	return false, f.more()
}

// isDelimiter looks at what follows the boundary: the end of the line, maybe
// after blanks, or the two dashes of the last one. Anything else belongs to the
// part. It is not sure when too little is here.
func (f *Form) isDelimiter(after []byte) (is, sure bool) {
	after = bytes.TrimLeft(after, " \t")
	switch {
	case len(after) >= 2:
		return string(after[:2]) == "\r\n" || string(after[:2]) == "--", true
	case len(after) == 1 && after[0] != '\r' && after[0] != '-':
		return false, true
	}
	return false, false
}

// takeDelimiter steps over the delimiter that look found.
func (f *Form) takeDelimiter() (last bool) {
	f.skip(len(f.delim))
	f.skip(f.w - f.r - len(bytes.TrimLeft(f.mem[f.r:f.w], " \t")))
	last = f.mem[f.r] == '-'
	f.skip(len("\r\n"))
	return last
}

// takeHeader reads a part's header and the empty line after it.
func (f *Form) takeHeader() (*Part, error) {
	for {
		data := f.mem[f.r:min(f.w, f.r+maxPartHeader)]
		if bytes.HasPrefix(data, []byte("\r\n")) {
			f.skip(len("\r\n"))
			return &Part{form: f}, nil
		}
		if i := bytes.Index(data, []byte("\r\n\r\n")); i >= 0 {
			h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(data[:i+4]))).ReadMIMEHeader()
			if err != nil {
				return nil, domain.WrapError(domain.Invalid, err, "The form could not be read. Send it with another browser or program.")
			}
			f.skip(i + len("\r\n\r\n"))
			return newPart(f, h), nil
		}
		if len(data) == maxPartHeader {
			return nil, errNoForm
		}
		if err := f.more(); err != nil {
			return nil, err
		}
	}
}

// newPart knows its names; a disposition that cannot be read gives none.
func newPart(f *Form, h textproto.MIMEHeader) *Part {
	p := &Part{Header: h, form: f}
	if kind, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && kind == "form-data" {
		p.params = params
	}
	return p
}

var errNoForm = domain.FieldErrorf("body", "The form could not be read. Send it with another browser or program.")

// more reads from the body once. A form that ends where more is needed broke
// off.
func (f *Form) more() error {
	if f.r > 0 {
		f.w = copy(f.mem, f.mem[f.r:f.w])
		f.r = 0
	}
	if f.w == len(f.mem) {
		return errNoForm
	}
	if f.err == nil {
		var n int
		n, f.err = f.src.Read(f.mem[f.w:])
		f.w += n
		if n > 0 || f.err == nil {
			return nil
		}
	}
	if f.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return f.err
}
