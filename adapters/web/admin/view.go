package admin

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"doorito/adapters/web/list"
	"doorito/domain"
)

// View is the page of one, ready for templates/pages/admin_object.html.
type View struct {
	Name, One, Many, Path string
	Own                   string // address of this one, "" when adding
	Title                 string
	State                 *list.Cell
	Meta                  []string
	Banner                *list.Banner
	Back                  string // query of the list
	BackURL               string // the list as it was left
	Sections              []SectionView
	CanDelete, CanSee     bool // it has a delete page, a history
	Version               string
	AddText               string
	Problem               string // why nothing was saved, when no field is to blame
	BadField, BadLabel    string // the field that is
	Facts                 []FactView
	Inlines               []InlineView
	Actions               []ActionView
	Bytes                 *ByteMap
	Bare                  bool   // beside the facts there is its history alone
	Live                  string // how often the page asks again, "" for never
	PageURL               string
	Secret, SecretTitle   string
}

// SectionView is a part of the form.
type SectionView struct {
	Title, Text string
	Fields      []FieldView
}

// FieldView is one input with its value.
type FieldView struct {
	Name, Label, Hint, Placeholder, Autocomplete, Widget, Value, Error, Preview string

	Choices                  []ChoiceView
	On, Required, Wide, Mono bool
}

// ChoiceView is an option of a select.
type ChoiceView struct {
	Value, Label string
	On           bool
}

// FactView is a read-only field.
type FactView struct {
	Label string
	Cell  list.Cell
}

// InlineView is related rows.
type InlineView struct {
	ID, Title, Empty string
	Table            *list.View
	More, MoreURL    string
	Note             string
	Live             bool
}

// ActionView is a button with its question.
type ActionView struct {
	ID, Name, Label, Icon, Do, Keep, Title, Text string
	Danger                                       bool
	Ask                                          *Ask
}

// OwnPath is the address of one.
func (r *Resource[T, D]) OwnPath(d D) string { return r.List.Path + r.ID(d).String() + "/" }

// BackTo is the list as a query left it, or its first page.
func (r *Resource[T, D]) BackTo(query string) string {
	return list.CheckBack(r.List.Path, query, r.List.Filters)
}

func (r *Resource[T, D]) frame(back string) *View {
	v := &View{Name: r.List.Name, One: r.List.One, Many: r.List.Many, Path: r.List.Path, BackURL: r.BackTo(back)}
	_, v.Back, _ = strings.Cut(v.BackURL, "?")
	return v
}

// Show makes the page of one.
func (r *Resource[T, D]) Show(d D, e list.Env, back string) *View {
	v := r.frame(back)
	v.Own, v.Title, v.CanDelete, v.CanSee = r.OwnPath(d), r.Title(d), r.Delete != nil, r.Object != ""
	if r.State != nil {
		c := r.State(d, e)
		v.State = &c
	}
	if r.Meta != nil {
		v.Meta = r.Meta(d, e)
	}
	if r.Warn != nil {
		v.Banner = r.Warn(d, e)
	}
	if r.View != nil {
		v.PageURL = r.View(d)
	}
	if r.Bytes != nil {
		v.Bytes = r.Bytes(d)
	}
	if r.Live != nil && r.Form == nil {
		v.Live = r.Live(d)
	}
	for i, f := range r.Facts {
		c := f.Cell(d, e)
		c.ColName, c.RowID = "fact", strconv.Itoa(i)
		v.Facts = append(v.Facts, FactView{f.Label, c})
	}
	for i, in := range r.Inlines {
		iv := InlineView{ID: "inline-" + strconv.Itoa(i), Title: in.Title, Empty: in.Empty, Table: in.Table(d, e)}
		if in.More != nil {
			iv.More, iv.MoreURL = in.More(d)
		}
		if in.Note != nil {
			iv.Note = in.Note(d)
		}
		iv.Live = in.Live != nil && in.Live(d)
		v.Inlines = append(v.Inlines, iv)
	}
	for _, act := range r.Actions {
		if act.When == nil || act.When(d) {
			v.Actions = append(v.Actions, ActionView{
				ID: "ask-" + act.Name, Name: act.Name, Label: act.Label, Icon: act.Icon, Do: act.Do, Keep: act.Keep,
				Title: act.Title(d), Text: act.Text(d), Danger: act.Danger, Ask: act.Ask,
			})
		}
	}
	v.Bare = (r.Form == nil || r.Form.Save == nil) && r.Bytes == nil && r.Changes == nil && len(r.Inlines) == 0 && r.Object != ""
	if v.SecretTitle = r.SecretTitle; v.SecretTitle == "" {
		v.SecretTitle = "New password"
	}
	if r.Form != nil && r.Form.Save != nil {
		v.Version = strconv.FormatInt(r.Form.Version(d).UnixMicro(), 10)
		v.Sections = fieldsOf(r.Form.Sections, false, func(f Field[D]) string { return f.Value(d) })
	}
	return v
}

// ShowAdd makes the empty form.
func (r *Resource[T, D]) ShowAdd(back string) *View {
	v := r.frame(back)
	v.Title, v.AddText = r.Form.AddText, r.Form.AddText
	v.Sections = fieldsOf(r.Form.Sections, true, func(f Field[D]) string { return f.Default })
	return v
}

// fieldsOf fills the form.
func fieldsOf[D any](sections []Section[D], adding bool, value func(Field[D]) string) []SectionView {
	var out []SectionView
	for _, s := range sections {
		sv := SectionView{Title: s.Title, Text: s.Text}
		for _, f := range s.Fields {
			if adding && f.EditOnly || !adding && f.AddOnly {
				continue
			}
			sv.Fields = append(sv.Fields, fieldOf(f, value(f)))
		}
		if len(sv.Fields) > 0 {
			out = append(out, sv)
		}
	}
	return out
}

func fieldOf[D any](f Field[D], value string) FieldView {
	fv := FieldView{
		Name: f.Name, Label: f.Label, Hint: f.Hint, Placeholder: f.Placeholder, Autocomplete: f.Autocomplete,
		Widget: f.Widget, Value: value, Required: f.Required, Wide: f.Wide, Mono: f.Mono, Preview: f.Preview, On: value == "true",
	}
	for _, o := range f.Choices {
		fv.Choices = append(fv.Choices, ChoiceView{o.Value, o.Label, o.Value == value})
	}
	return fv
}

// Typed puts what was typed into the form, and the error beside its field.
func (v *View) Typed(form url.Values, field, message string) {
	v.Problem = message
	for i := range v.Sections {
		for j := range v.Sections[i].Fields {
			f := &v.Sections[i].Fields[j]
			f.Value, f.On = form.Get(f.Name), form.Get(f.Name) == "true"
			if f.Widget == Secret {
				f.Value = ""
			}
			for k := range f.Choices {
				f.Choices[k].On = f.Choices[k].Value == f.Value
			}
			if f.Name == field && field != "" {
				f.Error, v.Problem, v.BadField, v.BadLabel = message, "", f.Name, f.Label
			}
		}
	}
	if version := form.Get("version"); version != "" {
		v.Version = version
	}
}

// Seen reads the version that a form was filled at; zero for none.
func Seen(form url.Values) (time.Time, error) {
	text := form.Get("version")
	if text == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, domain.Errorf(domain.Invalid, "The form is damaged. Reload the page and type again.")
	}
	return time.UnixMicro(n).UTC(), nil
}
