package apidoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// value is JSON that keeps the order of its members. The nil value is absent;
// every method may be called on it.
type value struct {
	members []member
	items   []*value
	plain   any // string, json.Number, bool; nil else
	raw     json.RawMessage
}

type member struct {
	key string
	val *value
}

func parseValue(raw []byte) (*value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v := &value{raw: raw}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return v, v.readMembers(d)
	case json.Delim('['):
		return v, v.readItems(d)
	}
	v.plain = tok
	return v, nil
}

func (v *value) readMembers(d *json.Decoder) error {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		sub, err := next(d)
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return errors.New("apidoc: a key is no string")
		}
		v.members = append(v.members, member{name, sub})
	}
	return nil
}

func (v *value) readItems(d *json.Decoder) error {
	for d.More() {
		sub, err := next(d)
		if err != nil {
			return err
		}
		v.items = append(v.items, sub)
	}
	return nil
}

func next(d *json.Decoder) (*value, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	return parseValue(raw)
}

// get walks down by keys.
func (v *value) get(keys ...string) *value {
	for _, k := range keys {
		v = v.child(k)
	}
	return v
}

func (v *value) child(key string) *value {
	if v == nil {
		return nil
	}
	for _, m := range v.members {
		if m.key == key {
			return m.val
		}
	}
	return nil
}

// each member in order.
func (v *value) each(visit func(key string, val *value)) {
	if v == nil {
		return
	}
	for _, m := range v.members {
		visit(m.key, m.val)
	}
}

// list of an array; nil else.
func (v *value) list() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

// text of a string or number; "" else.
func (v *value) text() string {
	if v == nil || v.plain == nil {
		return ""
	}
	return fmt.Sprint(v.plain)
}

func (v *value) isTrue() bool { return v != nil && v.plain == true }

// words of an array of strings, without what is null.
func (v *value) words() []string {
	var out []string
	for _, item := range v.list() {
		if w := item.text(); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// json is the value as it was written.
func (v *value) json() []byte {
	if v == nil {
		return nil
	}
	return v.raw
}
